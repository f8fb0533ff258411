/* Guests who are gone, when there are more than one look at the store finds. */
#include "tests/core/world.h"

#include <stdio.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define LOOK   100 /* memberships that one look asks for */

static struct world *world_with_expiry(void)
{
    struct chat__core_options options = {.in_flight = 64,
                                         .settings.guest_idle_ms = DAY_MS};
    struct world *world = world_new_with(&options);

    world_run(world);
    return world;
}

static void tick(struct world *world, int64_t ms)
{
    world_advance(world, ms);
    world_run(world);
}

static struct client *guest(struct world *world, int number)
{
    char name[8];

    snprintf(name, sizeof(name), "g%d", number);
    return client_hello(world, name);
}

static void the_next_tick_goes_on_with_the_rest(void **state)
{
    struct world *world = world_with_expiry();
    size_t left = 0;

    (void)state;
    for (int i = 0; i < LOOK + 20; i++) {
        struct client *client = guest(world, i);

        client_do(client, "{'action':'join','room':'lobby','key':'j'}");
        client_close(client);
    }
    tick(world, DAY_MS);
    tick(world, 60000);
    tick(world, 1000);
    for (uint64_t user = 1; user <= LOOK + 20; user++)
        left += fake_store_is_member(world->store, "lobby", user);
    assert_int_equal(left, 0);
    world_free(world);
}

/* ann is in more rooms than a look finds, and says nothing for days. */
static void one_who_is_silent_keeps_nobody_here(void **state)
{
    struct world *world = world_with_expiry();
    struct client *ann = client_hello(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    for (int i = 0; i < LOOK; i++)
        client_do(ann,
                  "{'action':'join','room':'r%d','key':'j','create':true,"
                  "'limit':0}",
                  i);
    client_do(bob, "{'action':'join','room':'lobby','key':'j'}");
    client_close(bob);
    tick(world, DAY_MS + 60000);
    for (int i = 0; i < 3; i++)
        tick(world, 60000);
    assert_false(fake_store_is_member(world->store, "lobby", 2));
    assert_true(fake_store_is_member(world->store, "r0", 1));
    client_close(ann);
    world_free(world);
}

/* A look was just made, and the next would be in a minute. */
static void another_time_counts_from_the_next_tick(void **state)
{
    struct world *world = world_with_expiry();
    struct chat__core_settings settings = world->options.settings;
    struct client *ann = client_hello(world, "ann");

    (void)state;
    client_do(ann, "{'action':'join','room':'lobby','key':'j'}");
    client_close(ann);
    tick(world, 60000);
    assert_true(fake_store_is_member(world->store, "lobby", 1));
    settings.guest_idle_ms = 10000;
    chat__core_apply(world->core, &settings);
    tick(world, 1000);
    assert_false(fake_store_is_member(world->store, "lobby", 1));
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_tick_goes_on_with_the_rest),
        cmocka_unit_test(one_who_is_silent_keeps_nobody_here),
        cmocka_unit_test(another_time_counts_from_the_next_tick),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
