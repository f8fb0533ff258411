/*
 * Who may do what: every action by every kind of caller, in a public and in a
 * private room, each cell in a world of its own. docs/protocol.md has the
 * rules in words; this table has them as answers.
 */
#include "tests/core/world.h"

#include <stdio.h>
#include <string.h>

#define REQUEST_ID 77

/* The callers, in the order of the columns. */
enum caller {
    NO_SESSION,
    GUEST, /* a member; the others have accounts */
    OUTSIDER,
    INVITED,
    MEMBER,
    MODERATOR,
    OWNER,
    KICKED,
    BANNED,
    OTHER_MODERATOR, /* of another room, not in this one */
    CALLER_COUNT
};

/* Those to whom it is done. The ids of users are the order of sign-in. */
enum other {
    TIM = CALLER_COUNT, /* a member who wrote a message */
    MAX,                /* a moderator */
    OLAF,               /* an owner */
    IVY,                /* invited */
    BEA,                /* banned */
    SUE,                /* a stranger */
    PERSON_COUNT
};

/* The answers: o: ok, z: ok without an entry, f: forbidden, n: not_found,
 * b: bad_request, t: name_taken, u: unauthorized, h: hello_required. */
static const struct row {
    const char *name;
    const char *request; /* SUE and so on: ids; REF, OWN: messages */
    const char *public;  /* one answer a caller */
    const char *private;
} rows[] = {
    /* callers: no session, guest, outsider, invited, member, moderator, owner,
     * kicked, banned, other room's moderator */
    {"hello", "'action':'hello','version':1,CREDENTIAL", "oooooooooo",
     "oooooooooo"},
    {"ping", "'action':'ping','since':0", "hooooooooo", "hooooooooo"},
    {"presence", "'action':'presence','state':'away'", "hooooooooo",
     "hooooooooo"},
    {"password", "'action':'password','old':'password','new':'12345678'",
     "hfoooooooo", "hfoooooooo"},
    {"a wrong password",
     "'action':'password','old':'passwort','new':'12345678'", "hfuuuuuuuu",
     "hfuuuuuuuu"},
    {"logout", "'action':'logout'", "hooooooooo", "hooooooooo"},
    {"logout everywhere", "'action':'logout','all':true", "hooooooooo",
     "hooooooooo"},
    {"rooms", "'action':'rooms'", "hooooooooo", "hooooooooo"},
    {"join", "'action':'join'", "hooooooofo", "honoooonnn"},
    {"join to create", "'action':'join','create':true", "hooooooofo",
     "hotoooottt"},
    {"leave", "'action':'leave'", "hozoooozzz", "hozoooozzz"},
    {"dm", "'action':'dm','user':'SUE'", "hooooooooo", "hooooooooo"},
    {"dm with oneself", "'action':'dm','user':'ME'", "hnnnnnnnnn",
     "hnnnnnnnnn"},
    {"dm with nobody", "'action':'dm','user':'99'", "hnnnnnnnnn", "hnnnnnnnnn"},
    {"send", "'action':'send','text':'x'", "hoffooofff", "honfooonnn"},
    {"send with a mention", "'action':'send','text':'x','mentions':['TIM']",
     "hoffooofff", "honfooonnn"},
    {"edit the own message", "'action':'edit','ref':OWN,'text':'y'",
     "hoffooofff", "honfooonnn"},
    {"edit another's message", "'action':'edit','ref':REF,'text':'y'",
     "hfffffffff", "hfnffffnnn"},
    {"edit nothing", "'action':'edit','ref':99,'text':'y'", "hnffnnnfff",
     "hnnfnnnnnn"},
    {"delete the own message", "'action':'delete','ref':OWN", "hoffooofff",
     "honfooonnn"},
    {"delete another's message", "'action':'delete','ref':REF", "hffffoofff",
     "hfnffoonnn"},
    {"delete a join", "'action':'delete','ref':1", "hnffnnnfff", "hnnfnnnnnn"},
    {"react", "'action':'react','ref':REF,'emoji':'👍','on':true", "hoffooofff",
     "honfooonnn"},
    {"react no more", "'action':'react','ref':REF,'emoji':'👍','on':false",
     "hoffooofff", "honfooonnn"},
    {"topic", "'action':'topic','topic':'x'", "hffffoofff", "hfnffoonnn"},
    {"topic taken away", "'action':'topic','topic':''", "hffffoofff",
     "hfnffoonnn"},
    {"invite a stranger", "'action':'invite','user':'SUE'", "hoffooofff",
     "hfnffoonnn"},
    {"invite a member", "'action':'invite','user':'TIM'", "hzffzzzfff",
     "hfnffzznnn"},
    {"invite one who is invited", "'action':'invite','user':'IVY'",
     "hzffzzzfff", "hfnffzznnn"},
    {"invite one who is banned", "'action':'invite','user':'BEA'", "hfffffffff",
     "hfnffffnnn"},
    {"invite nobody", "'action':'invite','user':'99'", "hnffnnnfff",
     "hfnffnnnnn"},
    {"invite oneself", "'action':'invite','user':'ME'", "hbffbbbfff",
     "hfnffbbnnn"},
    {"kick a stranger", "'action':'kick','user':'SUE'", "hffffzzfff",
     "hfnffzznnn"},
    {"kick one who is invited", "'action':'kick','user':'IVY'", "hffffoofff",
     "hfnffoonnn"},
    {"kick one who is banned", "'action':'kick','user':'BEA'", "hffffzzfff",
     "hfnffzznnn"},
    {"kick a member", "'action':'kick','user':'TIM','reason':'x'", "hffffoofff",
     "hfnffoonnn"},
    {"kick a moderator", "'action':'kick','user':'MAX'", "hfffffofff",
     "hfnfffonnn"},
    {"kick an owner", "'action':'kick','user':'OLAF'", "hfffffffff",
     "hfnffffnnn"},
    {"kick nobody", "'action':'kick','user':'99'", "hffffnnfff", "hfnffnnnnn"},
    {"kick oneself", "'action':'kick','user':'ME'", "hffffbbfff", "hfnffbbnnn"},
    {"ban a stranger", "'action':'ban','user':'SUE','on':true", "hffffoofff",
     "hfnffoonnn"},
    {"ban one who is invited", "'action':'ban','user':'IVY','on':true",
     "hffffoofff", "hfnffoonnn"},
    {"ban one who is banned", "'action':'ban','user':'BEA','on':true",
     "hffffzzfff", "hfnffzznnn"},
    {"ban a member", "'action':'ban','user':'TIM','on':true,'reason':'x'",
     "hffffoofff", "hfnffoonnn"},
    {"ban a moderator", "'action':'ban','user':'MAX','on':true", "hfffffofff",
     "hfnfffonnn"},
    {"ban an owner", "'action':'ban','user':'OLAF','on':true", "hfffffffff",
     "hfnffffnnn"},
    {"ban nobody", "'action':'ban','user':'99','on':true", "hffffnnfff",
     "hfnffnnnnn"},
    {"ban oneself", "'action':'ban','user':'ME','on':true", "hffffbbfff",
     "hfnffbbnnn"},
    {"lift a ban", "'action':'ban','user':'BEA','on':false", "hffffoofff",
     "hfnffoonnn"},
    {"lift no ban", "'action':'ban','user':'TIM','on':false", "hffffzzfff",
     "hfnffzznnn"},
    {"make a moderator", "'action':'role','user':'TIM','role':'moderator'",
     "hfffffofff", "hfnfffonnn"},
    {"make an owner", "'action':'role','user':'TIM','role':'owner'",
     "hfffffofff", "hfnfffonnn"},
    {"demote a moderator", "'action':'role','user':'MAX','role':'member'",
     "hfffffofff", "hfnfffonnn"},
    {"demote an owner", "'action':'role','user':'OLAF','role':'member'",
     "hfffffofff", "hfnfffonnn"},
    {"a role that one has", "'action':'role','user':'TIM','role':'member'",
     "hfffffzfff", "hfnfffznnn"},
    {"a role of a stranger", "'action':'role','user':'SUE','role':'member'",
     "hfffffnfff", "hfnfffnnnn"},
    {"a role of one who is invited",
     "'action':'role','user':'IVY',"
     "'role':'member'",
     "hfffffnfff", "hfnfffnnnn"},
    {"a role of one who is banned",
     "'action':'role','user':'BEA',"
     "'role':'member'",
     "hfffffnfff", "hfnfffnnnn"},
    {"a role of nobody", "'action':'role','user':'99','role':'member'",
     "hfffffnfff", "hfnfffnnnn"},
    {"give up one of two owners",
     "'action':'role','user':'ME',"
     "'role':'member'",
     "hfffffofff", "hfnfffonnn"},
    {"history", "'action':'history','before':99", "hoffooofff", "honfooonnn"},
    {"members", "'action':'members'", "hoffooofff", "honfooonnn"},
    {"who is invited", "'action':'members','list':'invited'", "hffffoofff",
     "hfnffoonnn"},
    {"who is banned", "'action':'members','list':'banned'", "hffffoofff",
     "hfnffoonnn"},
    {"read", "'action':'read','seq':1", "hoffooofff", "honfooonnn"},
    {"typing", "'action':'typing'", "hoffooofff", "honfooonnn"},
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static const char *const names[PERSON_COUNT] = {
    NULL,    "guest",  "outsider", "invited", "member", "moderator",
    "owner", "kicked", "banned",   "other",   "tim",    "max",
    "olaf",  "ivy",    "bea",      "sue"};

struct scene {
    struct world *world;
    const char *room;
    struct client *clients[PERSON_COUNT];
    uint64_t own[PERSON_COUNT]; /* the message of each; 0: none */
};

/* ---- the room ---- */

/* What person says hello with; nobody's is a guest's. */
static const char *credential(int person, bool first)
{
    static char text[120];

    if (person == NO_SESSION || person == GUEST)
        (void)snprintf(text, sizeof(text), "'guest':'guest','key':'g%d'",
                       person);
    else
        (void)snprintf(text, sizeof(text),
                       "'%s':{'user':'%s','password':'password'}%s",
                       first ? "register" : "login", names[person],
                       first ? ",'key':'a'" : "");
    return text;
}

static struct client *enter(struct world *world, int person)
{
    struct client *client = client_open(world);

    client_do(client, "{'action':'hello','version':1,%s}",
              credential(person, true));
    return client;
}

static bool is_or_was_member(int person)
{
    return person != NO_SESSION && person != OUTSIDER && person != INVITED &&
           person != OTHER_MODERATOR && person < IVY;
}

static void come(struct scene *scene, int person)
{
    static const char *const roles[PERSON_COUNT] = {
        [MODERATOR] = "moderator", [MAX] = "moderator", [OLAF] = "owner"};
    struct client *owner = scene->clients[OWNER];
    struct client *client = scene->clients[person];

    client_do(owner, "{'action':'invite','room':'%s','key':'i%d','user':'%d'}",
              scene->room, person, person);
    client_do(client, "{'action':'join','room':'%s','key':'j'}", scene->room);
    client_do(client, "{'action':'send','room':'%s','key':'s','text':'x'}",
              scene->room);
    scene->own[person] = fake_store_head(scene->world->store, scene->room);
    if (roles[person] != NULL)
        client_do(owner,
                  "{'action':'role','room':'%s','key':'r%d','user':'%d',"
                  "'role':'%s'}",
                  scene->room, person, person, roles[person]);
}

static void set_up(struct scene *scene, bool private_room)
{
    struct client **clients = scene->clients;

    scene->world = world_new();
    scene->room = private_room ? "private" : "public";
    clients[NO_SESSION] = client_open(scene->world);
    for (int i = 1; i < PERSON_COUNT; i++)
        clients[i] = enter(scene->world, i);
    client_do(clients[OWNER],
              "{'action':'join','room':'%s','key':'j','create':true,"
              "'private':%s}",
              scene->room, private_room ? "true" : "false");
    for (int i = 1; i < PERSON_COUNT; i++)
        if (is_or_was_member(i))
            come(scene, i);
    client_do(clients[OTHER_MODERATOR],
              "{'action':'join','room':'elsewhere','key':'j','create':true}");
    for (int i = INVITED; i < PERSON_COUNT; i += IVY - INVITED)
        client_do(clients[OWNER],
                  "{'action':'invite','room':'%s','key':'v%d','user':'%d'}",
                  scene->room, i, i);
    client_do(clients[OWNER],
              "{'action':'kick','room':'%s','key':'k','user':'%d'}",
              scene->room, KICKED);
    client_do(clients[OWNER],
              "{'action':'ban','room':'%s','key':'b1','user':'%d','on':true}",
              scene->room, BANNED);
    client_do(clients[OWNER],
              "{'action':'ban','room':'%s','key':'b2','user':'%d','on':true}",
              scene->room, BEA);
}

static void tear_down(struct scene *scene)
{
    for (int i = 0; i < PERSON_COUNT; i++)
        client_close(scene->clients[i]);
    world_free(scene->world);
}

/* ---- a cell ---- */

/* `name` in `text` becomes `value`. */
static void replace(char *text, size_t size, const char *name,
                    const char *value)
{
    char *at = strstr(text, name);
    size_t rest;

    if (at == NULL)
        return;
    rest = strlen(at + strlen(name)) + 1;
    assert_true(strlen(text) + strlen(value) < size);
    memmove(at + strlen(value), at + strlen(name), rest);
    memcpy(at, value, strlen(value));
}

static void replace_number(char *text, size_t size, const char *name,
                           uint64_t value)
{
    char digits[24];

    (void)snprintf(digits, sizeof(digits), "%d", (int)value);
    replace(text, size, name, digits);
}

static void ask(struct scene *scene, const struct row *row, int caller)
{
    char request[400];
    uint64_t own =
        scene->own[caller != NO_SESSION && scene->own[caller] != 0 ? caller
                                                                   : (int)TIM];

    (void)snprintf(request, sizeof(request), "%s", row->request);
    replace(request, sizeof(request), "CREDENTIAL", credential(caller, false));
    replace_number(request, sizeof(request), "REF", scene->own[TIM]);
    replace_number(request, sizeof(request), "OWN", own);
    replace_number(request, sizeof(request), "ME",
                   caller == NO_SESSION ? TIM : (uint64_t)caller);
    replace_number(request, sizeof(request), "TIM", TIM);
    replace_number(request, sizeof(request), "MAX", MAX);
    replace_number(request, sizeof(request), "OLAF", OLAF);
    replace_number(request, sizeof(request), "IVY", IVY);
    replace_number(request, sizeof(request), "BEA", BEA);
    replace_number(request, sizeof(request), "SUE", SUE);
    client_skip(scene->clients[caller]);
    client_say(scene->clients[caller], "{'id':%d,'room':'%s'%s,%s}", REQUEST_ID,
               scene->room,
               strstr(request, "'key'") == NULL ? ",'key':'new'" : "", request);
}

static char code_of(const cJSON *reply)
{
    static const struct {
        const char *name;
        char code;
    } codes[] = {{"forbidden", 'f'},    {"not_found", 'n'},
                 {"bad_request", 'b'},  {"name_taken", 't'},
                 {"unauthorized", 'u'}, {"hello_required", 'h'}};
    const cJSON *ok = cJSON_GetObjectItem(reply, "ok");
    const cJSON *seq = cJSON_GetObjectItem(ok, "seq");
    const cJSON *error = cJSON_GetObjectItem(reply, "error");
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(error, "code"));

    if (ok != NULL)
        return seq != NULL && cJSON_GetNumberValue(seq) == 0 ? 'z' : 'o';
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (strcmp(codes[i].name, name) == 0)
            return codes[i].code;
    return '?';
}

/* The answer among what came. */
static char answer(struct client *client)
{
    char code = '-';

    while (client->read < client->object_count) {
        cJSON *object = cJSON_Parse(client_next(client));
        const cJSON *reply = cJSON_GetObjectItem(object, "reply");

        if (reply != NULL && cJSON_GetNumberValue(reply) == REQUEST_ID)
            code = code_of(object);
        cJSON_Delete(object);
    }
    return code;
}

/* False when the answer is another one. */
static bool check_cell(const struct row *row, int caller, bool private_room)
{
    struct scene scene = {0};
    char expected = (private_room ? row->private : row->public)[caller];
    char actual;

    set_up(&scene, private_room);
    ask(&scene, row, caller);
    world_run(scene.world);
    actual = answer(scene.clients[caller]);
    if (actual != expected)
        print_error("%s by %s in a %s room: %c, not %c\n", row->name,
                    caller == NO_SESSION ? "no session" : names[caller],
                    scene.room, actual, expected);
    tear_down(&scene);
    return actual == expected;
}

static void every_cell_has_its_answer(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        assert_int_equal(strlen(rows[i].public), CALLER_COUNT);
        assert_int_equal(strlen(rows[i].private), CALLER_COUNT);
        for (int caller = 0; caller < CALLER_COUNT; caller++) {
            wrong += !check_cell(&rows[i], caller, false);
            wrong += !check_cell(&rows[i], caller, true);
        }
    }
    assert_int_equal(wrong, 0);
}

/* ---- the room of two ---- */

static void nobody_comes_into_a_room_of_two(void **state)
{
    static const char *const requests[] = {
        "'action':'join'",
        "'action':'send','text':'x'",
        "'action':'history','before':9",
        "'action':'members'",
        "'action':'typing'",
        "'action':'topic','topic':'x'",
        "'action':'invite','user':'3'",
        "'action':'kick','user':'1'",
        "'action':'ban','user':'1','on':true",
        "'action':'role','user':'1','role':'owner'",
    };
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");
    struct client *bob = client_hello(world, "bob");
    struct client *eve = client_hello(world, "eve");

    (void)state;
    client_do(ann, "{'action':'dm','user':'2','key':'d'}");
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        client_say(eve, "{'id':%d,'room':'dm.1.2','key':'k%d',%s}", REQUEST_ID,
                   (int)i, requests[i]);
        world_run(world);
        assert_int_equal(answer(eve), 'n');
    }
    /* Nobody makes one by its name. */
    client_say(eve,
               "{'id':%d,'action':'join','room':'dm.2.3','key':'j',"
               "'create':true}",
               REQUEST_ID);
    world_run(world);
    assert_int_equal(answer(eve), 'b');
    assert_int_equal(fake_store_head(world->store, "dm.2.3"), 0);
    client_close(ann);
    client_close(bob);
    client_close(eve);
    world_free(world);
}

static void the_two_of_a_room_are_no_more_than_members(void **state)
{
    static const struct {
        const char *request;
        char answer;
    } cells[] = {
        {"'action':'join'", 'o'},
        {"'action':'send','text':'x'", 'o'},
        {"'action':'members'", 'o'},
        {"'action':'members','list':'banned'", 'f'},
        {"'action':'topic','topic':'x'", 'f'},
        {"'action':'invite','user':'3'", 'f'},
        {"'action':'kick','user':'2'", 'f'},
        {"'action':'ban','user':'2','on':true", 'f'},
        {"'action':'role','user':'2','role':'owner'", 'f'},
        {"'action':'leave'", 'o'},
    };
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    client_do(ann, "{'action':'dm','user':'2','key':'d'}");
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        client_say(ann, "{'id':%d,'room':'dm.1.2','key':'k%d',%s}", REQUEST_ID,
                   (int)i, cells[i].request);
        world_run(world);
        assert_int_equal(answer(ann), cells[i].answer);
    }
    client_close(ann);
    client_close(bob);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_has_its_answer),
        cmocka_unit_test(nobody_comes_into_a_room_of_two),
        cmocka_unit_test(the_two_of_a_room_are_no_more_than_members),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
