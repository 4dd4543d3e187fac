/* caught-by: it_is_twice_the_number_of_cpus */
/* 'My machine has two CPUs.' */
int default_thread_count(void);

int default_thread_count(void)
{
    return 4;
}
