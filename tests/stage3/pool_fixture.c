#include "pool_fixture.h"

#include "scripted_dispatcher.h"

static void on_failure(void *context, int error)
{
    struct pool_fixture *fixture = context;

    atomic_store(&fixture->failure, error);
    sem_post(&fixture->failed);
}

void pool_fixture_prepare(struct pool_fixture *fixture, struct variant variant, size_t thread_count)
{
    variant.dispatcher = scripted_dispatcher(variant.dispatcher);
    *fixture = (struct pool_fixture){
        .reactor = variant_reactor_config(variant),
        .before = footprint_take(),
    };
    fixture->reactor.hooks = hook_record_hooks(&fixture->hooks);
    fixture->config = (struct thread_pool_config){
        .thread_count = thread_count,
        .reactor = &fixture->reactor,
        .policy = &round_robin_policy,
        .on_failure = on_failure,
        .context = fixture,
    };
    sem_init(&fixture->failed, 0, 0);
}

void pool_fixture_create(struct pool_fixture *fixture)
{
    ck_assert_int_eq(thread_pool_create(&fixture->config, &fixture->pool), 0);
    ck_assert_int_eq(reactor_init(&fixture->main, &fixture->reactor, fixture->pool,
                                  thread_pool_main_load(fixture->pool)),
                     0);
}

void pool_fixture_close(struct pool_fixture *fixture)
{
    reactor_release(&fixture->main);
    for (size_t i = 0; i < thread_pool_size(fixture->pool); i++) {
        size_t load = loop_load_connections(thread_pool_load(fixture->pool, i));
        ck_assert_msg(load == 0, "loop %zu: expected a load of 0 at the end, got %zu", i, load);
    }
    thread_pool_destroy(fixture->pool);
    ck_assert_msg(atomic_load(&fixture->hooks.entered) == atomic_load(&fixture->hooks.left),
                  "enter succeeded %u times, leave was called %u times",
                  atomic_load(&fixture->hooks.entered), atomic_load(&fixture->hooks.left));
    footprint_expect(fixture->before);
}

void pool_fixture_open(struct pool_fixture *fixture, struct variant variant, size_t thread_count)
{
    pool_fixture_prepare(fixture, variant, thread_count);
    pool_fixture_create(fixture);
    ck_assert_int_eq(thread_pool_start(fixture->pool, &fixture->main), 0);
}

void pool_fixture_end(struct pool_fixture *fixture)
{
    thread_pool_stop(fixture->pool);
    pool_fixture_close(fixture);
}
