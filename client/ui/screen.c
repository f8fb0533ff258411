#include "client/ui/screen.h"
#include "client/ui/keys.h"

#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ESCAPE_DELAY_MS 25
#define NAME_COLORS_MAX 14

#define PASTE_ON  "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

enum pair {
    PAIR_QUIET = 1,
    PAIR_ACCENT,
    PAIR_ERROR,
    PAIR_GOOD,
    PAIR_CHOSEN,
    PAIR_NAMES
};

/* White on blue: 7 to 1, and the blue stands out from black and from white. */
#define CHOSEN_INK   231
#define CHOSEN_PAPER 24

/*
 * Colours of names: of the 256 those whose contrast is at least 4 on black
 * and on white; of the 16 those that are dark on neither.
 */
static const short names_256[NAME_COLORS_MAX] = {
    28, 30, 31, 32, 62, 64, 97, 99, 130, 131, 133, 161, 164, 166};
static const short names_16[] = {COLOR_RED, COLOR_GREEN, COLOR_MAGENTA,
                                 COLOR_CYAN};

static struct {
    bool started;
    WINDOW *input; /* never shown: reading it must not refresh the screen */
    bool colors;
    size_t name_count;
} screen;

static void write_terminal(const char *sequence)
{
    fputs(sequence, stdout);
    fflush(stdout);
}

static void start_names(const short *colors, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        init_pair((short)(PAIR_NAMES + i), colors[i], -1);
    }
    screen.name_count = count;
}

static void start_colors(void)
{
    const char *none = getenv("NO_COLOR");

    if ((none != NULL && *none != '\0') || !has_colors()) {
        return;
    }
    start_color();
    if (use_default_colors() == ERR) {
        return;
    }
    screen.colors = true;
    if (COLORS >= 256) {
        init_pair(PAIR_QUIET, 243, -1);
        init_pair(PAIR_ACCENT, 166, -1);
        init_pair(PAIR_ERROR, 160, -1);
        init_pair(PAIR_GOOD, 28, -1);
        init_pair(PAIR_CHOSEN, CHOSEN_INK, CHOSEN_PAPER);
        start_names(names_256, NAME_COLORS_MAX);
    } else {
        init_pair(PAIR_QUIET, -1, -1);
        init_pair(PAIR_ACCENT, COLOR_MAGENTA, -1);
        init_pair(PAIR_ERROR, COLOR_RED, -1);
        init_pair(PAIR_GOOD, COLOR_GREEN, -1);
        start_names(names_16, sizeof(names_16) / sizeof(names_16[0]));
    }
}

static bool use_utf8(void)
{
    setlocale(LC_ALL, "");
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ||
           setlocale(LC_CTYPE, "C.UTF-8") != NULL;
}

static bool is_drawable(void)
{
    const char *term = getenv("TERM");

    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term != NULL &&
           *term != '\0' && strcmp(term, "dumb") != 0;
}

bool chat__screen_start(bool use_mouse)
{
    if (!is_drawable() || !use_utf8() || newterm(NULL, stdout, stdin) == NULL) {
        return false;
    }
    screen.input = newpad(1, 1);
    if (screen.input == NULL) {
        endwin();
        return false;
    }
    raw();
    noecho();
    nonl();
    set_escdelay(ESCAPE_DELAY_MS);
    keypad(screen.input, TRUE);
    nodelay(screen.input, TRUE);
    chat__keys_init();
    if (use_mouse) {
        mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
        mouseinterval(0); /* a press is told at once */
    }
    start_colors();
    leaveok(stdscr, FALSE);
    refresh();
    write_terminal(PASTE_ON);
    screen.started = true;
    return true;
}

void chat__screen_stop(void)
{
    if (screen.started) {
        write_terminal(PASTE_OFF);
        endwin();
        screen.started = false;
    }
}

void chat__screen_suspend(void)
{
    write_terminal(PASTE_OFF);
    endwin();
    raise(SIGTSTP);
    refresh();
    write_terminal(PASTE_ON);
    chat__screen_redraw();
}

size_t chat__screen_rows(void)
{
    return (size_t)LINES;
}

size_t chat__screen_columns(void)
{
    return (size_t)COLS;
}

void chat__screen_ring(void)
{
    beep();
}

void chat__screen_redraw(void)
{
    clearok(curscr, TRUE);
    erase();
}

void chat__screen_flush(size_t row, size_t column)
{
    move((int)row, (int)column);
    wnoutrefresh(stdscr);
    doupdate();
}

int chat__screen_get(wint_t *code)
{
    return wget_wch(screen.input, code);
}

static attr_t pair_of(int pair)
{
    return screen.colors ? (attr_t)COLOR_PAIR(pair) : A_NORMAL;
}

static bool has_many_colors(void)
{
    return screen.colors && COLORS >= 256;
}

attr_t chat__screen_style(enum chat__style style)
{
    switch (style) {
    case CHAT__STYLE_QUIET:
        return pair_of(PAIR_QUIET) | (has_many_colors() ? A_NORMAL : A_DIM);
    case CHAT__STYLE_STRONG:
        return A_BOLD;
    case CHAT__STYLE_ACCENT:
        return pair_of(PAIR_ACCENT) | A_BOLD;
    case CHAT__STYLE_ERROR:
        return pair_of(PAIR_ERROR) | A_BOLD;
    case CHAT__STYLE_GOOD:
        return pair_of(PAIR_GOOD);
    case CHAT__STYLE_CHOSEN:
        return A_BOLD | (has_many_colors() ? pair_of(PAIR_CHOSEN) : A_REVERSE);
    default:
        return A_NORMAL;
    }
}

attr_t chat__screen_name_style(uint32_t author)
{
    if (screen.name_count == 0) {
        return A_BOLD;
    }
    return pair_of(PAIR_NAMES + (int)(author % screen.name_count));
}
