#include "protocol/text.h"
#include "protocol/limits.h"
#include "protocol/plain.h"
#include "protocol/writer.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#define EMOJI_STYLE "\xef\xb8\x8f" /* U+FE0F */
#define KEYCAP      "\xe2\x83\xa3" /* U+20E3 */

/*
 * Takes one code point off valid UTF-8; 0 at the end. What is not valid ends
 * the string, so that a broken promise cannot become a loop.
 */
static utf8proc_int32_t next_character(const char **string)
{
    utf8proc_int32_t character;
    utf8proc_ssize_t taken;

    if (**string == '\0')
        return 0;
    taken = utf8proc_iterate((const utf8proc_uint8_t *)*string, -1, &character);
    if (taken <= 0)
        return 0;
    *string += taken;
    return character;
}

size_t chat__utf8_run(const char *bytes, size_t length)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)bytes;
    size_t run = chat__ascii_run(at, length);

    while (run < length) {
        utf8proc_int32_t character;
        utf8proc_ssize_t left = (utf8proc_ssize_t)(length - run);
        utf8proc_ssize_t taken = utf8proc_iterate(at + run, left, &character);

        if (taken <= 0)
            break;
        run += (size_t)taken;
        run += chat__ascii_run(at + run, length - run);
    }
    return run;
}

bool chat__utf8_valid(const char *bytes, size_t length)
{
    return chat__utf8_run(bytes, length) == length;
}

bool chat__utf8_valid_string(const char *string)
{
    return chat__utf8_valid(string, strlen(string));
}

size_t chat__utf8_characters(const char *string)
{
    size_t count = 0;

    for (; *string != '\0'; string++)
        count += ((unsigned char)*string & 0xc0) != 0x80;
    return count;
}

size_t chat__utf8_graphemes(const char *string)
{
    utf8proc_int32_t previous = next_character(&string);
    utf8proc_int32_t character;
    utf8proc_int32_t state = 0;
    size_t count = previous != 0;

    while ((character = next_character(&string)) != 0) {
        if (utf8proc_grapheme_break_stateful(previous, character, &state))
            count++;
        previous = character;
    }
    return count;
}

static bool is_lower_or_digit(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static bool is_room_byte(char byte)
{
    return is_lower_or_digit(byte) || byte == '.' || byte == '_' || byte == '-';
}

static bool is_word_byte(char byte)
{
    return is_lower_or_digit(byte) || (byte >= 'A' && byte <= 'Z') ||
           byte == '_' || byte == '-';
}

/* 1 to `maximum` bytes, all of which the class has. */
static bool is_made_of(const char *string, bool (*has)(char), size_t maximum)
{
    size_t length = 0;

    while (has(string[length]))
        if (++length > maximum)
            return false;
    return length > 0 && string[length] == '\0';
}

const char *chat__text_check_any_room_name(const char *room)
{
    if (!is_lower_or_digit(room[0]) ||
        !is_made_of(room, is_room_byte, CHAT__ROOM_NAME_BYTES_MAX))
        return "use 1 to 64 of a-z 0-9 . _ - and begin with a letter or digit";
    return NULL;
}

const char *chat__text_check_room_name(const char *room)
{
    if (strncmp(room, "dm.", 3) == 0)
        return "names that begin with dm. are reserved, choose another";
    return chat__text_check_any_room_name(room);
}

static const char *check_name_character(utf8proc_int32_t character)
{
    switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CS:
        return "leave out control, invisible, private and unassigned "
               "characters";
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return "leave out line separators";
    case UTF8PROC_CATEGORY_ZS:
        return character == ' ' ? NULL : "use no other space than U+0020";
    default:
        return NULL;
    }
}

static const char *check_name_spaces(const char *name)
{
    size_t length = strlen(name);

    if (name[0] == ' ' || name[length - 1] == ' ')
        return "leave out the space at the beginning or end";
    if (strstr(name, "  ") != NULL)
        return "use one space between words";
    return NULL;
}

const char *chat__text_check_user_name(const char *name)
{
    const char *rest = name;
    const char *problem = NULL;
    utf8proc_int32_t character;

    if (name[0] == '\0')
        return "use at least one character";
    if (strlen(name) > CHAT__USER_NAME_BYTES_MAX)
        return "use at most 128 bytes";
    while (problem == NULL && (character = next_character(&rest)) != 0)
        problem = check_name_character(character);
    if (problem == NULL)
        problem = check_name_spaces(name);
    if (problem == NULL &&
        chat__utf8_graphemes(name) > CHAT__USER_NAME_GRAPHEMES_MAX)
        problem = "use at most 32 characters";
    return problem;
}

const char *chat__text_check_key(const char *key)
{
    if (!is_made_of(key, is_word_byte, CHAT__KEY_BYTES_MAX))
        return "use 1 to 64 of A-Z a-z 0-9 _ -";
    return NULL;
}

const char *chat__text_check_epoch(const char *epoch)
{
    if (!is_made_of(epoch, is_word_byte, CHAT__EPOCH_BYTES_MAX))
        return "use 1 to 32 of A-Z a-z 0-9 _ -";
    return NULL;
}

const char *chat__text_check_token(const char *token)
{
    if (!is_made_of(token, is_word_byte, CHAT__TOKEN_BYTES_MAX))
        return "use 1 to 64 of A-Z a-z 0-9 _ -";
    return NULL;
}

/* A short text, which most are, is within its limits whatever is in it. */
const char *chat__text_check_message(const char *text)
{
    size_t length = strlen(text);

    if (length == 0)
        return "write at least one character";
    if (length > CHAT__TEXT_BYTES_MAX)
        return "write at most 8192 bytes";
    if (length > CHAT__TEXT_CHARACTERS_MAX &&
        chat__utf8_characters(text) > CHAT__TEXT_CHARACTERS_MAX)
        return "write at most 4000 characters";
    if (length > CHAT__TEXT_JSON_BYTES_MAX / CHAT__WRITER_ESCAPE_BYTES &&
        chat__writer_string_bytes(text) > CHAT__TEXT_JSON_BYTES_MAX)
        return "leave out control characters: JSON writes 6 bytes for each";
    return NULL;
}

static const char *check_line_character(utf8proc_int32_t character)
{
    switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
        return "leave out control and invisible characters";
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return "leave out line separators";
    default:
        return NULL;
    }
}

static const char *check_line(const char *line)
{
    const char *rest = line;
    const char *problem = NULL;
    utf8proc_int32_t character;

    if (strlen(line) > CHAT__TOPIC_BYTES_MAX)
        return "write at most 1000 bytes";
    if (chat__utf8_characters(line) > CHAT__TOPIC_CHARACTERS_MAX)
        return "write at most 250 characters";
    while (problem == NULL && (character = next_character(&rest)) != 0)
        problem = check_line_character(character);
    return problem;
}

const char *chat__text_check_topic(const char *topic)
{
    return check_line(topic);
}

const char *chat__text_check_reason(const char *reason)
{
    return check_line(reason);
}

/*
 * A symbol or punctuation outside of ASCII, which all emoji but the keycaps
 * begin with. Unicode keeps a range for emoji to come, so that those that are
 * newer than the server's tables pass too.
 */
static bool begins_emoji(utf8proc_int32_t character)
{
    utf8proc_category_t category = utf8proc_category(character);

    if (character < 0x80)
        return false;
    if (category == UTF8PROC_CATEGORY_CN)
        return character >= 0x1f000 && character <= 0x1faff;
    return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_SO;
}

static bool is_keycap(const char *emoji)
{
    return strchr("0123456789#*", emoji[0]) != NULL &&
           (strcmp(emoji + 1, KEYCAP) == 0 ||
            strcmp(emoji + 1, EMOJI_STYLE KEYCAP) == 0);
}

/* Format characters that are in emoji: the joiner, and the tags of a flag. */
static bool continues_emoji(utf8proc_int32_t character)
{
    return utf8proc_category(character) != UTF8PROC_CATEGORY_CF ||
           character == 0x200d ||
           (character >= 0xe0020 && character <= 0xe007f);
}

const char *chat__text_check_emoji(const char *emoji)
{
    const char *rest = emoji;
    bool fine = begins_emoji(next_character(&rest));
    utf8proc_int32_t character;

    if (emoji[0] == '\0' || strlen(emoji) > CHAT__EMOJI_BYTES_MAX)
        return "use 1 to 32 bytes";
    if (is_keycap(emoji))
        return NULL;
    while (fine && (character = next_character(&rest)) != 0)
        fine = continues_emoji(character);
    if (!fine || chat__utf8_graphemes(emoji) != 1)
        return "use one emoji";
    return NULL;
}

const char *chat__text_check_password(const char *password)
{
    size_t length = strlen(password);

    if (length < CHAT__PASSWORD_BYTES_MIN)
        return "use at least 8 bytes";
    if (length > CHAT__PASSWORD_BYTES_MAX)
        return "use at most 256 bytes";
    return NULL;
}

const char *chat__text_check_agent(const char *agent)
{
    if (strlen(agent) > CHAT__AGENT_BYTES_MAX)
        return "use at most 64 bytes";
    return NULL;
}

const char *chat__text_check_prefix(const char *prefix)
{
    if (strlen(prefix) > CHAT__PREFIX_BYTES_MAX)
        return "use at most 64 bytes";
    return NULL;
}
