#include "tests/protocol/same_tree.h"

#include <string.h>

static bool are_same_strings(const char *left, const char *right)
{
    return left == NULL || right == NULL ? left == right
                                         : strcmp(left, right) == 0;
}

static bool are_same_values(const cJSON *left, const cJSON *right)
{
    return left->type == right->type && left->valueint == right->valueint &&
           memcmp(&left->valuedouble, &right->valuedouble, sizeof(double)) ==
               0 &&
           are_same_strings(left->valuestring, right->valuestring) &&
           are_same_strings(left->string, right->string);
}

/* In order, and linked in both directions; the first one's last is last. */
static bool are_same(const cJSON *left, const cJSON *right)
{
    const cJSON *before = NULL;

    if (!are_same_values(left, right))
        return false;
    left = left->child;
    right = right->child;
    for (const cJSON *first = left; left != NULL && right != NULL;
         left = left->next, right = right->next) {
        if (!are_same(left, right) || (before != NULL && left->prev != before))
            return false;
        before = left;
        if (left->next == NULL && first->prev != left)
            return false;
    }
    return left == right;
}

bool is_tree_of(const cJSON *tree, const char *bytes, size_t length)
{
    cJSON *expected = cJSON_ParseWithLength(bytes, length);
    bool same = expected != NULL && are_same(tree, expected);

    cJSON_Delete(expected);
    return same;
}
