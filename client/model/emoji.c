#include "client/model/emoji.h"
#include "client/model/width.h"

#include <string.h>

#define EMOJI_BYTES_MAX 32

static const struct chat__emoji table[] = {
    {"+1", "👍"},
    {"heart", "❤️"},
    {"joy", "😂"},
    {"tada", "🎉"},
    {"eyes", "👀"},
    {"pray", "🙏"},
    {"fire", "🔥"},
    {"check", "✅"},
    {"-1", "👎"},
    {"100", "💯"},
    {"angry", "😠"},
    {"beer", "🍺"},
    {"beers", "🍻"},
    {"blush", "😊"},
    {"boom", "💥"},
    {"bow", "🙇"},
    {"bug", "🐛"},
    {"bulb", "💡"},
    {"cake", "🍰"},
    {"cat", "🐱"},
    {"clap", "👏"},
    {"clown", "🤡"},
    {"coffee", "☕"},
    {"confused", "😕"},
    {"cool", "😎"},
    {"cry", "😢"},
    {"dizzy", "😵"},
    {"dog", "🐶"},
    {"facepalm", "🤦"},
    {"frown", "☹️"},
    {"ghost", "👻"},
    {"gift", "🎁"},
    {"grin", "😁"},
    {"grinning", "😀"},
    {"handshake", "🤝"},
    {"hug", "🤗"},
    {"hourglass", "⏳"},
    {"kiss", "😘"},
    {"laughing", "😆"},
    {"lock", "🔒"},
    {"memo", "📝"},
    {"moon", "🌙"},
    {"muscle", "💪"},
    {"neutral", "😐"},
    {"no", "❌"},
    {"ok", "👌"},
    {"party", "🥳"},
    {"pizza", "🍕"},
    {"pleading", "🥺"},
    {"point_up", "☝️"},
    {"poop", "💩"},
    {"question", "❓"},
    {"rage", "😡"},
    {"rainbow", "🌈"},
    {"raised_hands", "🙌"},
    {"robot", "🤖"},
    {"rocket", "🚀"},
    {"rofl", "🤣"},
    {"rolling_eyes", "🙄"},
    {"salute", "🫡"},
    {"scream", "😱"},
    {"shrug", "🤷"},
    {"skull", "💀"},
    {"sleeping", "😴"},
    {"slightly_smiling", "🙂"},
    {"smile", "😄"},
    {"sob", "😭"},
    {"sparkles", "✨"},
    {"star", "⭐"},
    {"sun", "☀️"},
    {"sweat", "😅"},
    {"thinking", "🤔"},
    {"thumbsdown", "👎"},
    {"thumbsup", "👍"},
    {"tongue", "😛"},
    {"upside_down", "🙃"},
    {"victory", "✌️"},
    {"warning", "⚠️"},
    {"wave", "👋"},
    {"wink", "😉"},
    {"wow", "😮"},
    {"wrench", "🔧"},
    {"yawn", "🥱"},
    {"zap", "⚡"},
};

size_t chat__emoji_count(void)
{
    return sizeof(table) / sizeof(table[0]);
}

const struct chat__emoji *chat__emoji_at(size_t index)
{
    return &table[index];
}

bool chat__emoji_begins_with(const struct chat__emoji *emoji,
                             const char *prefix)
{
    if (*prefix == ':') {
        prefix++;
    }
    return strncmp(emoji->name, prefix, strlen(prefix)) == 0;
}

/* The one of a name, else the first whose name begins so. */
static const char *find_name(const char *name, size_t length)
{
    const char *found = NULL;
    size_t i;

    for (i = 0; i < chat__emoji_count(); i++) {
        if (strncmp(table[i].name, name, length) == 0) {
            if (table[i].name[length] == '\0') {
                return table[i].emoji;
            }
            found = found == NULL ? table[i].emoji : found;
        }
    }
    return found;
}

/* One cluster that is no letter or sign of ASCII. */
static bool is_emoji(const char *text)
{
    size_t length = strlen(text);

    return ((unsigned char)*text & 0x80) != 0 && length <= EMOJI_BYTES_MAX &&
           chat__cluster_length(text, length) == length;
}

const char *chat__emoji_find(const char *text)
{
    size_t length;

    if (is_emoji(text)) {
        return text;
    }
    if (*text == ':') {
        text++;
    }
    length = strlen(text);
    if (length > 0 && text[length - 1] == ':') {
        length--;
    }
    return length == 0 ? NULL : find_name(text, length);
}
