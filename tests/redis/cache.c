/*
 * The cache against a real Redis, which tests/redis/test_cache.py starts,
 * stops and lies with. One word for each step on standard input, one line for
 * each answer on standard output:
 *
 *     get KEY | set KEY VALUE MS | remove KEY
 *     add KEY MEMBER MS | drop KEY MEMBER | members KEY
 *
 * Arguments: the URL of the Redis, the prefix.
 */
#include "server/bus/redis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define LINE_BYTES 65536

struct program {
    uv_loop_t loop;
    uv_pipe_t input;
    struct chat__redis *redis;
    char line[LINE_BYTES];
    size_t length;
};

static bool fill(void *context, void *bytes, size_t length)
{
    (void)context;
    return getrandom(bytes, length, 0) == (ssize_t)length;
}

static void on_notice(void *context, const struct chat__bus_notice *notice)
{
    (void)context;
    (void)notice;
}

static void report(void *context, const char *why)
{
    (void)context;
    printf("%s\n", why == NULL ? "reached" : "lost");
}

static void done(void *context, enum chat__cache_result result,
                 const struct chat__cache_value *values, size_t count)
{
    static const char *const words[] = {"found", "missing", "unknown"};

    (void)context;
    fputs(words[result], stdout);
    for (size_t i = 0; i < count; i++)
        printf(" %.*s", (int)values[i].length, values[i].bytes);
    putchar('\n');
}

static bool step(struct chat__cache *cache, char *words[4], size_t count)
{
    const struct chat__cache_operations *run = cache->operations;
    const char *key = words[1], *value = words[2];
    uint32_t ms = count == 4 ? (uint32_t)strtoul(words[3], NULL, 10) : 0;

    if (strcmp(words[0], "get") == 0)
        return run->get(cache, key, done, NULL);
    if (strcmp(words[0], "members") == 0)
        return run->members(cache, key, done, NULL);
    if (strcmp(words[0], "remove") == 0)
        return run->remove(cache, key, done, NULL);
    if (strcmp(words[0], "set") == 0)
        return run->set(cache, key, value, strlen(value), ms, done, NULL);
    if (strcmp(words[0], "add") == 0)
        return run->add_member(cache, key, value, strlen(value), ms, done,
                               NULL);
    return run->remove_member(cache, key, value, strlen(value), done, NULL);
}

static void run_line(struct program *program, char *line)
{
    char *words[4] = {0}, *rest = line;
    size_t count = 0;

    while (count < 4 && (words[count] = strtok_r(rest, " ", &rest)) != NULL)
        count++;
    if (count < 2 || !step(chat__redis_cache(program->redis), words, count))
        puts("refused");
}

static void end(struct program *program)
{
    uv_close((uv_handle_t *)&program->input, NULL);
    chat__redis_close(program->redis);
}

static void on_input(uv_stream_t *stream, ssize_t length, const uv_buf_t *bytes)
{
    struct program *program = stream->data;
    char *newline;

    (void)bytes;
    if (length < 0) {
        end(program);
        return;
    }
    program->length += (size_t)length;
    while ((newline = memchr(program->line, '\n', program->length)) != NULL) {
        size_t used = (size_t)(newline - program->line) + 1;

        *newline = '\0';
        run_line(program, program->line);
        memmove(program->line, program->line + used, program->length - used);
        program->length -= used;
    }
}

static void on_allocate(uv_handle_t *handle, size_t wanted, uv_buf_t *bytes)
{
    struct program *program = handle->data;

    (void)wanted;
    *bytes =
        uv_buf_init(program->line + program->length,
                    (unsigned int)(sizeof program->line - program->length));
}

int main(int argc, char **argv)
{
    static struct program program;
    static const unsigned char key[CHAT__SEAL_KEY_BYTES] = "the tables' key";
    struct chat__redis_options options = {
        .loop = &program.loop,
        .sink = {.notice = on_notice},
        .fill = fill,
        .report = report,
    };
    char message[256];

    if (argc != 3 || chat__redis_url_parse(&options.url, argv[1]) != NULL)
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    options.prefix = argv[2];
    uv_loop_init(&program.loop);
    program.redis = chat__redis_new(&options, message, sizeof message);
    if (program.redis == NULL || !chat__redis_start(program.redis, key))
        return 1;
    uv_pipe_init(&program.loop, &program.input, 0);
    program.input.data = &program;
    uv_pipe_open(&program.input, 0);
    uv_read_start((uv_stream_t *)&program.input, on_allocate, on_input);
    uv_run(&program.loop, UV_RUN_DEFAULT);
    chat__redis_free(program.redis);
    return uv_loop_close(&program.loop) == 0 ? 0 : 1;
}
