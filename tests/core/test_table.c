/* Walks of a table that changes meanwhile. */
#include "server/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define OBJECTS 2000

struct object {
    struct chat__table_link link;
    unsigned int visits;
    bool in_table;
};

static void insert(struct chat__table *table, struct object *object,
                   uint64_t number)
{
    assert_true(
        chat__table_insert(table, &object->link, chat__hash_integer(number)));
    object->in_table = true;
}

static uint64_t step(const struct chat__table *table, uint64_t cursor)
{
    struct chat__table_link *link;
    uint64_t next = chat__table_scan(table, cursor, &link);

    for (; link != NULL; link = link->next)
        CHAT__CONTAINER(link, struct object, link)->visits++;
    return next;
}

static void a_walk_of_nothing_ends(void **state)
{
    struct chat__table table = {0};

    (void)state;
    assert_int_equal(step(&table, 0), 0);
}

static void a_walk_visits_each_once(void **state)
{
    static struct object objects[OBJECTS];
    struct chat__table table = {0};
    uint64_t cursor = 0;

    (void)state;
    for (uint64_t i = 0; i < OBJECTS; i++)
        insert(&table, &objects[i], i);
    do
        cursor = step(&table, cursor);
    while (cursor != 0);
    for (size_t i = 0; i < OBJECTS; i++)
        assert_int_equal(objects[i].visits, 1);
    chat__table_release(&table);
}

/*
 * Of 2,000 objects the first 100 stay, and the table doubles again and again;
 * others come at each step and some of them go.
 */
static void who_stays_is_visited_once_while_the_table_grows(void **state)
{
    static struct object objects[OBJECTS];
    struct chat__table table = {0};
    uint64_t cursor = 0;
    size_t came = 100;
    size_t sizes = 0;

    (void)state;
    for (uint64_t i = 0; i < came; i++)
        insert(&table, &objects[i], i);
    do {
        size_t size = table.size;

        cursor = step(&table, cursor);
        for (size_t i = 0; i < 7 && came < OBJECTS; i++, came++)
            insert(&table, &objects[came], came);
        if (came < OBJECTS && came % 3 == 0) {
            chat__table_remove(&table, &objects[came - 1].link);
            objects[came - 1].in_table = false;
        }
        sizes += table.size != size;
    } while (cursor != 0);
    assert_true(sizes > 2);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(objects[i].visits, 1);
    for (size_t i = 100; i < OBJECTS; i++)
        assert_in_range(objects[i].visits, 0, 1);
    chat__table_release(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_walk_of_nothing_ends),
        cmocka_unit_test(a_walk_visits_each_once),
        cmocka_unit_test(who_stays_is_visited_once_while_the_table_grows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
