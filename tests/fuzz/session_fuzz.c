/*
 * A hostile server: the SDK's session gets any frames and any ends of its
 * connection, while a program uses it. What goes out is what a server accepts,
 * and does not go on for ever. A line of the input is a frame, but for
 *
 *     +       a second goes by        >  the connection opens
 *     =ROOM   the program joins it    <  ... and ends
 *     -ROOM   leaves it               <N ... with the close code 4000 + N
 *     "ROOM   says something in it
 */
#include "tests/fuzz/lines.h"

#include "protocol/request.h"
#include "protocol/text.h"
#include "tests/sdk/session_harness.h"

#define FRAMES_MAX                                                             \
    2000 /* that go out after one line: see the outbox's caps                  \
          */
#define CLOSE_CODE 4000
#define SECOND_MS  1000

struct play {
    struct harness *harness;
    uint64_t keys;
};

static void check_request(const char *bytes, size_t length)
{
    struct chat__request request;
    struct chat__error error;

    FUZZ_CHECK(chat__request_parse(&request, bytes, length, &error));
    chat__request_release(&request);
}

static void take_frames(struct play *play)
{
    struct chat__session *session = play->harness->session;
    size_t frames = 0;

    for (;;) {
        struct chat__buffer buffer;
        bool any;

        chat__buffer_init(&buffer, CHAT__FRAME_BYTES_MAX);
        any = chat__session_next_frame(session, &buffer, play->harness->now);
        if (any) {
            FUZZ_CHECK(!buffer.failed);
            check_request(buffer.data, buffer.length);
        }
        chat__buffer_release(&buffer);
        if (!any)
            break;
        FUZZ_CHECK(++frames < FRAMES_MAX);
    }
}

static void open_transport(struct play *play)
{
    struct harness *harness = play->harness;

    if (chat__session_state(harness->session) == CHAT_STATE_WAITING)
        chat__session_start(harness->session, harness->now);
    if (chat__session_state(harness->session) == CHAT_STATE_CONNECTING)
        chat__session_connected(harness->session, harness->now);
}

static void end_transport(struct play *play, const char *code)
{
    unsigned int offset = 0;

    if (!chat__session_wants_transport(play->harness->session))
        return;
    (void)sscanf(code, "%3u", &offset);
    disconnect(play->harness, *code == '\0' ? 0 : CLOSE_CODE + offset);
}

static void ask(struct play *play, char kind, const char *room)
{
    struct chat__request request = {0};
    struct chat__item *item;
    char key[32];

    /* The program's calls are checked before they get so far. */
    if (chat__text_check_room_name(room) != NULL)
        return;
    snprintf(key, sizeof key, "k%llu", (unsigned long long)++play->keys);
    if (kind == '=') {
        request.action = CHAT__ACTION_JOIN;
        request.body.join.room = room;
        request.body.join.key = key;
        request.body.join.limit = 50;
    } else if (kind == '-') {
        request.action = CHAT__ACTION_LEAVE;
        request.body.leave.room = room;
        request.body.leave.key = key;
    } else {
        request.action = CHAT__ACTION_SEND;
        request.body.send.room = room;
        request.body.send.key = key;
        request.body.send.text = "hi";
    }
    item = chat__item_new(&request, play->keys);
    FUZZ_CHECK(item != NULL);
    if (chat__session_submit(play->harness->session, item) != CHAT_OK)
        chat__item_free(item);
}

static void play_line(struct play *play, const char *line, size_t length)
{
    struct harness *harness = play->harness;

    switch (line[0]) {
    case '+':
        pass(harness, SECOND_MS);
        break;
    case '>':
        open_transport(play);
        break;
    case '<':
        end_transport(play, line + 1);
        break;
    case '=':
    case '-':
    case '"':
        ask(play, line[0], line + 1);
        break;
    default:
        if (chat__session_wants_transport(harness->session) &&
            chat__session_state(harness->session) != CHAT_STATE_CONNECTING)
            chat__session_receive(harness->session, line, length, harness->now);
        break;
    }
    take_frames(play);
    forget_events(harness);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lines lines = {data, size};
    struct play play = {.harness = harness_new()};
    char *line;
    size_t length;

    chat__session_start(play.harness->session, play.harness->now);
    open_transport(&play);
    take_frames(&play);
    while (lines_next(&lines, &line, &length)) {
        play_line(&play, line, length);
        free(line);
    }
    harness_free(play.harness);
    return 0;
}
