/* timer_wheel_model: the wheel and a plain array of deadlines, side by side. */
#ifndef TIMER_WHEEL_MODEL_H
#define TIMER_WHEEL_MODEL_H

#include <check.h>

TCase *timer_wheel_model(void);

#endif
