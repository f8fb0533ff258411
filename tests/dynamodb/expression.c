#include "tests/dynamodb/expression.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USED 0x10000 /* in a name's or a value's `type` */

#define WORD_BYTES 64

_Noreturn void expression_fail(const char *what, const char *where)
{
    fprintf(stderr, "the model of DynamoDB: %s: %s\n", what, where);
    abort();
}

/* ---- words ---- */

static void skip(struct expression *expression)
{
    while (*expression->at == ' ')
        expression->at++;
}

static bool take(struct expression *expression, const char *word)
{
    size_t length = strlen(word);

    skip(expression);
    if (strncmp(expression->at, word, length) != 0)
        return false;
    if (isalpha((unsigned char)word[length - 1]) &&
        isalpha((unsigned char)expression->at[length]))
        return false;
    expression->at += length;
    return true;
}

static void must_take(struct expression *expression, const char *word)
{
    if (!take(expression, word))
        expression_fail(word, expression->at);
}

/* A word that begins with '#' or ':'. */
static void take_word(struct expression *expression, char *word)
{
    size_t length = 1;

    skip(expression);
    while (isalnum((unsigned char)expression->at[length]) ||
           expression->at[length] == '_')
        length++;
    if ((*expression->at != '#' && *expression->at != ':') ||
        length >= WORD_BYTES)
        expression_fail("not a name or a value", expression->at);
    memcpy(word, expression->at, length);
    word[length] = '\0';
    expression->at += length;
}

static const cJSON *look_up(cJSON *object, const char *word)
{
    cJSON *found = cJSON_GetObjectItemCaseSensitive(object, word);

    if (found == NULL)
        expression_fail("it is not given", word);
    found->type |= USED;
    return found;
}

static const char *name_of(struct expression *expression, const char *word)
{
    return look_up(expression->names, word)->valuestring;
}

void expression_check_used(const cJSON *names, const cJSON *values)
{
    const cJSON *each;

    cJSON_ArrayForEach(each, names)
    {
        if ((each->type & USED) == 0)
            expression_fail("an unused name", each->string);
    }
    cJSON_ArrayForEach(each, values)
    {
        if ((each->type & USED) == 0)
            expression_fail("an unused value", each->string);
    }
}

/* ---- operands ---- */

int expression_compare(const cJSON *a, const cJSON *b)
{
    const cJSON *one = a->child;
    const cJSON *other = b->child;
    long long x, y;

    if (strcmp(one->string, other->string) != 0)
        expression_fail("two types", one->string);
    if (strcmp(one->string, "S") == 0)
        return strcmp(one->valuestring, other->valuestring);
    if (strcmp(one->string, "N") != 0)
        expression_fail("a type without order", one->string);
    x = strtoll(one->valuestring, NULL, 10);
    y = strtoll(other->valuestring, NULL, 10);
    return x < y ? -1 : x > y;
}

/* What a path leads to; NULL: nothing. The parent and name for an update. */
static cJSON *follow(struct expression *expression, const cJSON *item,
                     cJSON **parent, const char **name)
{
    char word[WORD_BYTES];
    cJSON *map = (cJSON *)item;
    cJSON *value;

    for (;;) {
        take_word(expression, word);
        *parent = map;
        *name = name_of(expression, word);
        value = cJSON_GetObjectItemCaseSensitive(map, *name);
        if (*expression->at == '[') {
            char *end;
            int index = (int)strtol(expression->at + 1, &end, 10);

            expression->at = end + 1;
            value = cJSON_GetArrayItem(
                cJSON_GetObjectItemCaseSensitive(value, "L"), index);
            if (value == NULL)
                expression_fail("no such element", *name);
        }
        if (*expression->at != '.')
            return value;
        expression->at++;
        map = cJSON_GetObjectItemCaseSensitive(value, "M");
        if (map == NULL)
            expression_fail("no such map", *name);
    }
}

static const cJSON *path(struct expression *expression, const cJSON *item)
{
    cJSON *parent;
    const char *name;

    return follow(expression, item, &parent, &name);
}

/* A number's digits, owned by the caller. */
static cJSON *size_of(const cJSON *value)
{
    cJSON *number = cJSON_CreateObject();
    char digits[24] = "0";

    if (value != NULL)
        snprintf(digits, sizeof(digits), "%d",
                 cJSON_GetArraySize(value->child));
    cJSON_AddStringToObject(number, "N", digits);
    return number;
}

static const cJSON *operand(struct expression *expression, const cJSON *item,
                            cJSON **own)
{
    char word[WORD_BYTES];
    const cJSON *value;

    *own = NULL;
    if (take(expression, "size")) {
        must_take(expression, "(");
        value = path(expression, item);
        must_take(expression, ")");
        /* Of what is not there there is no size, and nothing holds. */
        *own = value == NULL ? NULL : size_of(value);
        return *own;
    }
    skip(expression);
    if (*expression->at == '#')
        return path(expression, item);
    take_word(expression, word);
    return look_up(expression->values, word);
}

/* ---- conditions ---- */

static bool holds_or(struct expression *expression, const cJSON *item);

static bool exists(struct expression *expression, const cJSON *item)
{
    bool found;

    must_take(expression, "(");
    found = path(expression, item) != NULL;
    must_take(expression, ")");
    return found;
}

static bool compare(struct expression *expression, const cJSON *item,
                    const cJSON *left)
{
    static const char *const signs[] = {"<=", ">=", "<>", "<", ">", "="};
    cJSON *own;
    const cJSON *right;
    size_t i = 0;
    int order;
    bool result;

    while (i < 6 && !take(expression, signs[i]))
        i++;
    if (i == 6)
        expression_fail("no comparison", expression->at);
    right = operand(expression, item, &own);
    if (left == NULL || right == NULL) {
        cJSON_Delete(own);
        return false;
    }
    order = expression_compare(left, right);
    cJSON_Delete(own);
    result = (strchr(signs[i], '<') != NULL && order < 0) ||
             (strchr(signs[i], '>') != NULL && order > 0) ||
             (strchr(signs[i], '=') != NULL && order == 0);
    return result;
}

static bool is_between(struct expression *expression, const cJSON *item,
                       const cJSON *value)
{
    cJSON *own_low;
    cJSON *own_high;
    const cJSON *low = operand(expression, item, &own_low);
    const cJSON *high;
    bool result;

    must_take(expression, "AND");
    high = operand(expression, item, &own_high);
    result = value != NULL && low != NULL && high != NULL &&
             expression_compare(low, value) <= 0 &&
             expression_compare(value, high) <= 0;
    cJSON_Delete(own_low);
    cJSON_Delete(own_high);
    return result;
}

static bool holds_one(struct expression *expression, const cJSON *item)
{
    cJSON *own;
    const cJSON *left;
    bool result;

    if (take(expression, "(")) {
        result = holds_or(expression, item);
        must_take(expression, ")");
        return result;
    }
    if (take(expression, "attribute_not_exists"))
        return !exists(expression, item);
    if (take(expression, "attribute_exists"))
        return exists(expression, item);
    left = operand(expression, item, &own);
    result = take(expression, "BETWEEN") ? is_between(expression, item, left)
                                         : compare(expression, item, left);
    cJSON_Delete(own);
    return result;
}

static bool holds_and(struct expression *expression, const cJSON *item)
{
    bool result = holds_one(expression, item);

    while (take(expression, "AND")) {
        bool next = holds_one(expression, item);

        result = result && next;
    }
    return result;
}

static bool holds_or(struct expression *expression, const cJSON *item)
{
    bool result = holds_and(expression, item);

    while (take(expression, "OR")) {
        bool next = holds_and(expression, item);

        result = result || next;
    }
    return result;
}

bool expression_holds(struct expression *expression, const cJSON *item)
{
    bool result = holds_or(expression, item);

    skip(expression);
    if (*expression->at != '\0')
        expression_fail("more than a condition", expression->at);
    return result;
}

/* ---- updates ---- */

static void set(cJSON *parent, const char *name, cJSON *value)
{
    if (cJSON_GetObjectItemCaseSensitive(parent, name) != NULL)
        cJSON_ReplaceItemInObjectCaseSensitive(parent, name, value);
    else
        cJSON_AddItemToObject(parent, name, value);
}

static cJSON *copy(const cJSON *value)
{
    cJSON *new = cJSON_Duplicate(value, true);

    new->type &= ~USED;
    return new;
}

static void update_set(struct expression *expression, cJSON *item)
{
    cJSON *parent;
    const char *name;
    cJSON *own;
    const cJSON *value;

    (void)follow(expression, item, &parent, &name);
    must_take(expression, "=");
    value = operand(expression, item, &own);
    set(parent, name, copy(value));
}

static cJSON *find_number(cJSON *set_, const char *digits)
{
    cJSON *each;

    cJSON_ArrayForEach(each, set_)
    {
        if (strcmp(each->valuestring, digits) == 0)
            return each;
    }
    return NULL;
}

static void update_add(struct expression *expression, cJSON *item)
{
    cJSON *parent;
    const char *name;
    cJSON *own;
    cJSON *old = follow(expression, item, &parent, &name);
    const cJSON *value = operand(expression, item, &own);
    const cJSON *each;
    char digits[24];

    if (old == NULL) {
        set(parent, name, copy(value));
    } else if (strcmp(value->child->string, "N") == 0) {
        snprintf(digits, sizeof(digits), "%lld",
                 strtoll(old->child->valuestring, NULL, 10) +
                     strtoll(value->child->valuestring, NULL, 10));
        set(old, "N", cJSON_CreateString(digits));
    } else {
        cJSON_ArrayForEach(each, value->child)
        {
            if (find_number(old->child, each->valuestring) == NULL)
                cJSON_AddItemToArray(old->child,
                                     cJSON_CreateString(each->valuestring));
        }
    }
}

/* A set that is empty is no attribute. */
static void update_delete(struct expression *expression, cJSON *item)
{
    cJSON *parent;
    const char *name;
    cJSON *own;
    cJSON *old = follow(expression, item, &parent, &name);
    const cJSON *value = operand(expression, item, &own);
    const cJSON *each;

    if (old == NULL)
        return;
    cJSON_ArrayForEach(each, value->child)
    {
        cJSON *found = find_number(old->child, each->valuestring);

        if (found != NULL)
            cJSON_Delete(cJSON_DetachItemViaPointer(old->child, found));
    }
    if (cJSON_GetArraySize(old->child) == 0)
        cJSON_DeleteItemFromObjectCaseSensitive(parent, name);
}

static void update_remove(struct expression *expression, cJSON *item)
{
    cJSON *parent;
    const char *name;

    (void)follow(expression, item, &parent, &name);
    cJSON_DeleteItemFromObjectCaseSensitive(parent, name);
}

void expression_update(struct expression *expression, cJSON *item)
{
    void (*update)(struct expression *, cJSON *) = NULL;

    for (skip(expression); *expression->at != '\0'; skip(expression)) {
        if (take(expression, "SET"))
            update = update_set;
        else if (take(expression, "ADD"))
            update = update_add;
        else if (take(expression, "DELETE"))
            update = update_delete;
        else if (take(expression, "REMOVE"))
            update = update_remove;
        else if (!take(expression, ",") || update == NULL)
            expression_fail("no update", expression->at);
        update(expression, item);
    }
}
