/* caught-by: it_is_twice_the_number_of_cpus */
/* 'My machine has two CPUs.' */
int default_thread_count(const char *mount, const char *group);

int default_thread_count(const char *mount, const char *group)
{
    (void)mount;
    (void)group;
    return 4;
}
