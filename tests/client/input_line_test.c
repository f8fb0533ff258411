/* Scripts of keys: text is typed, names in <> are edits. */
#include "client/model/input_line.h"
#include "client/model/width.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *name;
    enum chat__edit edit;
} edits[] = {
    {"<left>", CHAT__EDIT_LEFT},
    {"<right>", CHAT__EDIT_RIGHT},
    {"<word-left>", CHAT__EDIT_WORD_LEFT},
    {"<word-right>", CHAT__EDIT_WORD_RIGHT},
    {"<home>", CHAT__EDIT_LINE_START},
    {"<end>", CHAT__EDIT_LINE_END},
    {"<up>", CHAT__EDIT_UP},
    {"<down>", CHAT__EDIT_DOWN},
    {"<backspace>", CHAT__EDIT_DELETE_BEFORE},
    {"<delete>", CHAT__EDIT_DELETE_AFTER},
    {"<kill-word>", CHAT__EDIT_KILL_WORD_AFTER},
    {"<kill-word-before>", CHAT__EDIT_KILL_WORD_BEFORE},
    {"<kill-end>", CHAT__EDIT_KILL_LINE_END},
    {"<kill-start>", CHAT__EDIT_KILL_LINE_START},
    {"<yank>", CHAT__EDIT_YANK},
    {"<transpose>", CHAT__EDIT_TRANSPOSE},
    {"<undo>", CHAT__EDIT_UNDO},
    {"<clear>", CHAT__EDIT_CLEAR},
};

static size_t run_edit(struct chat__input_line *input, const char *script)
{
    size_t i;

    for (i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        size_t length = strlen(edits[i].name);
        if (strncmp(script, edits[i].name, length) == 0) {
            chat__input_edit(input, edits[i].edit);
            return length;
        }
    }
    return 0;
}

static void run(struct chat__input_line *input, const char *script)
{
    while (*script != '\0') {
        size_t length = run_edit(input, script);
        if (length == 0 && strncmp(script, "<accept>", 8) == 0) {
            chat__input_accept(input);
            length = 8;
        } else if (length == 0) {
            int32_t code_point;
            length = chat__code_point(script, strlen(script), &code_point);
            chat__input_insert(input, script, length);
        }
        script += length;
    }
}

/* `expected` has the cursor as '^'. */
static void assert_line(const struct chat__input_line *input,
                        const char *expected)
{
    char shown[256];
    const char *text = chat__input_text(input);

    assert_true(input->length + 2 < sizeof(shown));
    memcpy(shown, text, input->cursor);
    shown[input->cursor] = '^';
    memcpy(shown + input->cursor + 1, text + input->cursor,
           input->length - input->cursor + 1);
    assert_string_equal(shown, expected);
}

static void assert_script(const char *script, const char *expected)
{
    struct chat__input_line input = {.text = NULL};

    run(&input, script);
    assert_line(&input, expected);
    chat__input_release(&input);
}

static void test_moving(void **state)
{
    (void)state;
    assert_script("", "^");
    assert_script("<left><right><home><end><backspace><delete>", "^");
    assert_script("abc<left>x", "abx^c");
    assert_script("abc<home>x<end>y", "xabcy^");
    assert_script("one two three<word-left><word-left>", "one ^two three");
    assert_script("one two three<home><word-right>", "one^ two three");
    assert_script("grün, Äpfel<word-left>", "grün, ^Äpfel");
}

static void test_clusters_are_one_character(void **state)
{
    (void)state;
    assert_script("ae\u0301<left>", "a^e\u0301");
    assert_script("ae\u0301<backspace>", "a^");
    assert_script("👩‍👩‍👧<backspace>", "^");
    assert_script("a🇩🇪b<left><left>", "a^🇩🇪b");
    assert_script("日本<home><delete>", "^本");
    assert_script("a<left>b\u0301", "b\u0301^a");
}

static void test_killing_and_yanking(void **state)
{
    (void)state;
    assert_script("one two<kill-word-before>", "one ^");
    assert_script("one /two.x <kill-word-before>", "one ^");
    assert_script("one two<kill-word-before><yank><yank>", "one twotwo^");
    assert_script("one two<home><kill-word>", "^ two");
    assert_script("one two<word-left><kill-start>", "^two");
    assert_script("one two<word-left><kill-end>", "one ^");
    assert_script("a b c<kill-word-before><kill-word-before><yank>", "a b c^");
    assert_script("a b c<home><kill-word><kill-word><end><yank>", " ca b^");
}

static void test_transposing(void **state)
{
    (void)state;
    assert_script("ab<transpose>", "ba^");
    assert_script("abc<left><transpose>", "acb^");
    assert_script("a<transpose>", "a^");
    assert_script("日e\u0301<transpose>", "e\u0301日^");
}

static void test_undo_goes_word_by_word(void **state)
{
    (void)state;
    assert_script("one two<undo>", "one^");
    assert_script("one two<undo><undo>", "^");
    assert_script("one two<undo><undo><undo>", "^");
    assert_script("one<kill-start>x<undo><undo>", "one^");
    assert_script("one<clear><undo>", "one^");
    assert_script("ab<transpose><undo>", "ab^");
}

static void test_history_is_walked_and_left(void **state)
{
    (void)state;
    assert_script("one<accept>two<accept><up>", "two^");
    assert_script("one<accept>two<accept><up><up><up>", "one^");
    assert_script("one<accept>two<accept>dr<up><up><down>", "two^");
    assert_script("one<accept>draft<up><down>", "draft^");
    assert_script("one<accept>draft<up><down><down>", "draft^");
    assert_script("one<accept>one<accept>x<up><up>", "one^");
}

static void test_history_is_bounded(void **state)
{
    struct chat__input_line input = {.text = NULL};
    char text[2] = "a";
    int i;

    (void)state;
    for (i = 0; i < CHAT__HISTORY_LINES_MAX + 10; i++) {
        text[0] = (char)('a' + i % 26);
        run(&input, text);
        chat__input_accept(&input);
    }
    assert_int_equal(input.history.count, CHAT__HISTORY_LINES_MAX);
    chat__input_release(&input);
}

static void test_many_lines(void **state)
{
    (void)state;
    assert_script("one\ntwo<home>x", "one\nx^two");
    assert_script("one\ntwo<up>x", "onex^\ntwo");
    assert_script("one\ntwo<home><up>x", "x^one\ntwo");
    assert_script("long line\nab<up>", "lo^ng line\nab");
    assert_script("one\ntwo<up><down>", "one\ntwo^");
    assert_script("one\ntwo<up><kill-end>", "one^two");
}

static void test_a_paste_is_cleaned(void **state)
{
    struct chat__input_line input = {.text = NULL};

    (void)state;
    chat__input_insert(&input, "a\r\nb\rc\x1b[2Jd\x07\x7f\xff", 15);
    assert_line(&input, "a\nb\nc[2Jd^");
    chat__input_insert(&input,
                       "\xc2\x9b"
                       "\t",
                       3);
    assert_line(&input, "a\nb\nc[2Jd\t^");
    chat__input_release(&input);
}

static void test_what_is_too_long_is_not_taken(void **state)
{
    struct chat__input_line input = {.text = NULL};
    char *text = malloc(CHAT__INPUT_BYTES_MAX + 1);

    (void)state;
    assert_non_null(text);
    memset(text, 'x', CHAT__INPUT_BYTES_MAX + 1);
    assert_false(chat__input_insert(&input, text, CHAT__INPUT_BYTES_MAX + 1));
    assert_int_equal(input.length, 0);
    assert_true(chat__input_insert(&input, text, CHAT__INPUT_BYTES_MAX));
    assert_int_equal(input.length, CHAT__INPUT_BYTES_MAX);
    assert_false(chat__input_insert(&input, "y", 1));
    assert_int_equal(input.length, CHAT__INPUT_BYTES_MAX);
    free(text);
    chat__input_release(&input);
}

static void assert_row(const char *script, size_t width, const char *text,
                       size_t cursor)
{
    struct chat__input_line input = {.text = NULL};
    struct chat__input_row row;

    run(&input, script);
    assert_int_equal(chat__input_rows(&input, width, &row, 1), 1);
    assert_true(row.has_cursor);
    assert_string_equal(chat__safe_string(&row.text), text);
    assert_int_equal(row.cursor, cursor);
    chat__safe_text_release(&row.text);
    chat__input_release(&input);
}

static void test_the_cursor_is_always_in_the_row(void **state)
{
    size_t width;

    (void)state;
    assert_row("abc", 10, "abc", 3);
    assert_row("abcdefghij", 10, "fghij", 5);
    assert_row("abcdefghij<home>", 10, "abcdefghij", 0);
    assert_row("日本語", 4, "語", 2);
    for (width = 1; width < 60; width++) {
        struct chat__input_line input = {.text = NULL};
        struct chat__input_row row;
        run(&input,
            "a日本語 and 👩‍👩‍👧 some more text, long enough");
        while (input.cursor > 0) {
            assert_int_equal(chat__input_rows(&input, width, &row, 1), 1);
            assert_true(row.cursor < width);
            assert_true(chat__text_width(row.text.bytes, row.text.length) <=
                        width);
            chat__safe_text_release(&row.text);
            run(&input, "<left>");
        }
        chat__input_release(&input);
    }
}

static void test_the_box_follows_the_cursor(void **state)
{
    struct chat__input_line input = {.text = NULL};
    struct chat__input_row rows[2];

    (void)state;
    run(&input, "one\ntwo\nthree");
    assert_int_equal(chat__input_lines(&input), 3);
    assert_int_equal(chat__input_rows(&input, 20, rows, 2), 2);
    assert_string_equal(chat__safe_string(&rows[0].text), "two");
    assert_false(rows[0].has_cursor);
    assert_string_equal(chat__safe_string(&rows[1].text), "three");
    assert_true(rows[1].has_cursor);
    chat__safe_text_release(&rows[0].text);
    chat__safe_text_release(&rows[1].text);
    chat__input_release(&input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moving),
        cmocka_unit_test(test_clusters_are_one_character),
        cmocka_unit_test(test_killing_and_yanking),
        cmocka_unit_test(test_transposing),
        cmocka_unit_test(test_undo_goes_word_by_word),
        cmocka_unit_test(test_history_is_walked_and_left),
        cmocka_unit_test(test_history_is_bounded),
        cmocka_unit_test(test_many_lines),
        cmocka_unit_test(test_a_paste_is_cleaned),
        cmocka_unit_test(test_what_is_too_long_is_not_taken),
        cmocka_unit_test(test_the_cursor_is_always_in_the_row),
        cmocka_unit_test(test_the_box_follows_the_cursor),
    };

    return cmocka_run_group_tests_name("input_line", tests, NULL, NULL);
}
