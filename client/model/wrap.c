#include "client/model/wrap.h"
#include "client/model/width.h"

void chat__wrap_init(struct chat__wrap *wrap,
                     const struct chat__safe_text *text, size_t width)
{
    wrap->text = chat__safe_string(text);
    wrap->length = text->length;
    wrap->width = width == 0 ? 1 : width;
    wrap->offset = 0;
    wrap->done = false;
}

/* Where a line may end so far: its bytes and its cells. */
struct place {
    size_t offset;
    size_t width;
};

/* The line ends at `end`; the next begins at `next`. */
static void finish(struct chat__wrap *wrap, struct chat__line *line,
                   struct place end, size_t next)
{
    line->offset = wrap->offset;
    line->length = end.offset - wrap->offset;
    line->width = end.width;
    wrap->offset = next;
}

static size_t skip_spaces(const struct chat__wrap *wrap, size_t offset)
{
    while (offset < wrap->length && wrap->text[offset] == ' ') {
        offset++;
    }
    return offset;
}

/* The line is full at `here`: go back to the last place, if there is one. */
static void break_line(struct chat__wrap *wrap, struct chat__line *line,
                       struct place here, struct place last)
{
    struct place end = last.offset > wrap->offset ? last : here;
    size_t next = skip_spaces(wrap, end.offset);

    if (next < wrap->length && next > end.offset && wrap->text[next] == '\n') {
        next++;
    }
    finish(wrap, line, end, next);
    wrap->done = next >= wrap->length && wrap->text[wrap->length - 1] != '\n';
}

/* The bytes of the cluster at `offset`, and its cells. */
static struct place measure(const struct chat__wrap *wrap, size_t offset)
{
    const char *cluster = wrap->text + offset;
    struct place size;

    size.offset = chat__cluster_length(cluster, wrap->length - offset);
    size.width = chat__text_width(cluster, size.offset);
    return size;
}

bool chat__wrap_next(struct chat__wrap *wrap, struct chat__line *line)
{
    struct place here = {wrap->offset, 0};
    struct place last = here;
    bool after_word = false, after_wide = false;

    if (wrap->done) {
        return false;
    }
    while (here.offset < wrap->length && wrap->text[here.offset] != '\n') {
        bool is_space = wrap->text[here.offset] == ' ';
        struct place size = measure(wrap, here.offset);
        if ((after_word && is_space) || size.width > 1 || after_wide) {
            last = here;
        }
        if (here.width + size.width > wrap->width && here.width > 0) {
            break_line(wrap, line, here, last);
            return true;
        }
        here.offset += size.offset;
        here.width += size.width;
        after_word = !is_space;
        after_wide = size.width > 1;
    }
    wrap->done = here.offset == wrap->length;
    finish(wrap, line, here, here.offset + 1);
    return true;
}

size_t chat__wrap_count(const struct chat__safe_text *text, size_t width)
{
    struct chat__wrap wrap;
    struct chat__line line;
    size_t count = 0;

    chat__wrap_init(&wrap, text, width);
    while (chat__wrap_next(&wrap, &line)) {
        count++;
    }
    return count;
}
