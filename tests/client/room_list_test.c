#include "client/model/layout.h"
#include "client/model/room_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
    static struct chat__room_list list;
    static const char *const names[] = {"lobby", "dev", "ops"};
    size_t i;

    memset(&list, 0, sizeof(list));
    for (i = 0; i < 3; i++) {
        assert_non_null(chat__room_list_add(&list, names[i]));
    }
    *state = &list;
    return 0;
}

static int tear_down(void **state)
{
    chat__room_list_release(*state);
    return 0;
}

static const char *focused(const struct chat__room_list *list)
{
    return chat__room_list_focused(list)->name;
}

static void test_rooms_are_sorted_and_found(void **state)
{
    struct chat__room_list *list = *state;

    assert_string_equal(list->rooms[0]->name, "dev");
    assert_string_equal(list->rooms[1]->name, "lobby");
    assert_string_equal(list->rooms[2]->name, "ops");
    assert_ptr_equal(chat__room_list_add(list, "dev"), list->rooms[0]);
    assert_int_equal(list->count, 3);
    assert_null(chat__room_list_find(list, "nowhere"));
}

static void test_the_focus_stays_with_its_room(void **state)
{
    struct chat__room_list *list = *state;

    assert_string_equal(focused(list), "lobby");
    chat__room_list_add(list, "aaa");
    assert_string_equal(focused(list), "lobby");
    chat__room_list_remove(list, chat__room_list_find(list, "dev"));
    assert_string_equal(focused(list), "lobby");
    chat__room_list_remove(list, chat__room_list_find(list, "lobby"));
    chat__room_list_remove(list, chat__room_list_find(list, "ops"));
    assert_string_equal(focused(list), "aaa");
    chat__room_list_remove(list, chat__room_list_find(list, "aaa"));
    assert_null(chat__room_list_focused(list));
    assert_null(chat__room_list_neighbour(list, 1));
    assert_null(chat__room_list_next_unread(list));
}

static const char *neighbour(const struct chat__room_list *list, int step)
{
    return chat__room_list_neighbour(list, step)->name;
}

static void test_steps_go_around(void **state)
{
    struct chat__room_list *list = *state;

    assert_string_equal(neighbour(list, 1), "ops");
    assert_string_equal(neighbour(list, -1), "dev");
    chat__room_list_focus(list, chat__room_list_find(list, "ops"));
    assert_string_equal(neighbour(list, 1), "dev");
    chat__room_list_focus(list, chat__room_list_find(list, "dev"));
    assert_string_equal(neighbour(list, -1), "ops");
}

static void test_the_next_unread_is_behind_the_focus(void **state)
{
    struct chat__room_list *list = *state;

    assert_null(chat__room_list_next_unread(list));
    chat__room_list_find(list, "dev")->unread = 2;
    chat__room_list_find(list, "ops")->unread = 3;
    chat__room_list_find(list, "lobby")->unread = 4;
    assert_string_equal(chat__room_list_next_unread(list)->name, "ops");
    assert_int_equal(chat__room_list_unread(list), 5);
}

static void test_a_prefix_finds_the_first(void **state)
{
    struct chat__room_list *list = *state;

    chat__room_list_add(list, "lob");
    assert_string_equal(chat__room_list_match(list, "lob")->name, "lob");
    assert_string_equal(chat__room_list_match(list, "lobb")->name, "lobby");
    assert_null(chat__room_list_match(list, "x"));
}

static void test_names_that_cannot_be_are_refused(void **state)
{
    struct chat__room_list *list = *state;
    char name[CHAT__ROOM_NAME_BYTES + 1];

    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    assert_null(chat__room_list_add(list, name));
    assert_string_equal(
        chat__safe_string(&chat__room_list_add(list, "\x1b[2J")->title),
        "␛[2J");
}

static void test_the_list_is_bounded(void **state)
{
    struct chat__room_list *list = *state;
    int i;

    for (i = 0; i < CHAT__ROOM_LIST_MAX + 30; i++) {
        char name[16];
        snprintf(name, sizeof(name), "r%d", i);
        chat__room_list_add(list, name);
    }
    assert_in_range(list->count, CHAT__ROOM_LIST_MAX, CHAT__ROOM_LIST_MAX + 30);
    assert_null(chat__room_list_add(list, "zzz"));
    assert_string_equal(focused(list), "lobby");
}

/* ---- typing ---- */

static void assert_typing(const struct chat__typing *typing,
                          const char *expected)
{
    struct chat__safe_text text;

    assert_true(chat__typing_describe(typing, &text));
    assert_string_equal(chat__safe_string(&text), expected);
    chat__safe_text_release(&text);
}

static void test_who_types_is_told_and_ends(void **state)
{
    struct chat__typing typing = {.count = 0};

    (void)state;
    assert_int_equal(chat__typing_wait(&typing, 0), -1);
    chat__typing_add(&typing, "1", "ann", 1000);
    assert_typing(&typing, "ann is typing");
    chat__typing_add(&typing, "2", "b\x07ob", 2000);
    assert_typing(&typing, "ann and b␇ob are typing");
    chat__typing_add(&typing, "3", "cat", 2000);
    assert_typing(&typing, "3 people are typing");
    assert_int_equal(chat__typing_wait(&typing, 2000), 5000);
    chat__typing_add(&typing, "1", "ann", 3000);
    assert_false(chat__typing_expire(&typing, 7999));
    assert_true(chat__typing_expire(&typing, 8000));
    assert_typing(&typing, "ann is typing");
    chat__typing_remove(&typing, "1");
    chat__typing_remove(&typing, "1");
    assert_typing(&typing, "");
    chat__typing_release(&typing);
}

static void test_typists_are_bounded(void **state)
{
    struct chat__typing typing = {.count = 0};
    int i;

    (void)state;
    for (i = 0; i < CHAT__TYPING_PEOPLE_MAX + 3; i++) {
        char id[4];
        snprintf(id, sizeof(id), "%d", i);
        chat__typing_add(&typing, id, "x", 0);
    }
    assert_int_equal(typing.count, CHAT__TYPING_PEOPLE_MAX);
    chat__typing_add(&typing, "an id of more than twenty-four bytes", "x", 0);
    chat__typing_release(&typing);
    chat__typing_add(&typing, "an id of more than twenty-four bytes", "x", 0);
    assert_int_equal(typing.count, 0);
}

/* ---- layout ---- */

static void check_layout(size_t rows, size_t columns,
                         const struct chat__layout_wish *wish)
{
    struct chat__layout layout;

    chat__layout_compute(&layout, rows, columns, wish);
    assert_int_equal(layout.too_small, rows < 5 || columns < 20);
    if (layout.too_small) {
        return;
    }
    assert_int_equal(layout.list_width + layout.main_width + layout.pane_width,
                     columns);
    assert_int_equal(layout.header_rows + layout.timeline_rows + 1 +
                         layout.context_rows + layout.input_rows,
                     rows);
    assert_int_equal(layout.context_rows, wish->context);
    assert_true(layout.timeline_rows >= 2);
    assert_in_range(layout.text_width, 10, layout.main_width);
    assert_true(layout.nick_column + layout.nick_width < layout.text_column);
    assert_true(layout.text_column + layout.text_width <= layout.main_width);
}

static void test_every_size_has_a_layout(void **state)
{
    size_t rows, columns;
    int pane;

    (void)state;
    for (pane = CHAT__PANE_AUTO; pane <= CHAT__PANE_HIDDEN; pane++) {
        struct chat__layout_wish wish = {.input_lines = 9,
                                         .context = pane != CHAT__PANE_AUTO,
                                         .pane = (enum chat__pane)pane};
        for (rows = 1; rows <= 120; rows++) {
            for (columns = 1; columns <= 400; columns++) {
                check_layout(rows, columns, &wish);
            }
        }
    }
}

static size_t pane_width(size_t columns, enum chat__pane pane)
{
    struct chat__layout_wish wish = {.input_lines = 1, .pane = pane};
    struct chat__layout layout;

    chat__layout_compute(&layout, 24, columns, &wish);
    return layout.pane_width;
}

static void test_the_pane_shows_where_there_is_room(void **state)
{
    (void)state;
    assert_int_equal(pane_width(99, CHAT__PANE_AUTO), 0);
    assert_true(pane_width(100, CHAT__PANE_AUTO) > 0);
    assert_int_equal(pane_width(200, CHAT__PANE_HIDDEN), 0);
    assert_true(pane_width(80, CHAT__PANE_SHOWN) > 0);
    assert_true(pane_width(60, CHAT__PANE_SHOWN) > 0);
    assert_int_equal(pane_width(40, CHAT__PANE_SHOWN), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rooms_are_sorted_and_found),
        TEST(test_the_focus_stays_with_its_room),
        TEST(test_steps_go_around),
        TEST(test_the_next_unread_is_behind_the_focus),
        TEST(test_a_prefix_finds_the_first),
        TEST(test_names_that_cannot_be_are_refused),
        TEST(test_the_list_is_bounded),
        cmocka_unit_test(test_who_types_is_told_and_ends),
        cmocka_unit_test(test_typists_are_bounded),
        cmocka_unit_test(test_every_size_has_a_layout),
        cmocka_unit_test(test_the_pane_shows_where_there_is_room),
    };

    return cmocka_run_group_tests_name("room_list", tests, NULL, NULL);
}
