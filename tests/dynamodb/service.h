/*
 * DynamoDB as a store meets it: the model of its tables behind a network and
 * faults that a test's chance chooses. A request is throttled, fails before or
 * after its effect, has its answer lost, or lands long after its caller has
 * given it up, be it alive, asking for the same again, or dead.
 *
 * Time is the test's: `after` has to hand the subject to service_execute or to
 * service_respond, in that many milliseconds.
 */
#ifndef CHAT_TESTS_DYNAMODB_SERVICE_H
#define CHAT_TESTS_DYNAMODB_SERVICE_H

#include "server/store/dynamodb_client.h"
#include "tests/dynamodb/model.h"

struct service;

/* A store's own. */
struct service_client {
    struct chat__dynamodb_client base;
    struct service *service;
    void *owner;
    bool dead; /* what it asks from now on nobody hears */
};

struct service {
    struct dynamodb_model *model;
    void *context;
    uint64_t (*draw)(void *context, uint64_t below);
    /* Whether a fault of such a chance of a thousand happens now. */
    bool (*fault)(void *context, unsigned int of_1000);
    int64_t (*delay_ms)(void *context); /* of one way */
    int64_t (*now_ms)(void *context);
    void (*after)(void *context, int64_t in, bool respond, void *subject);
    void (*trace)(void *context, const struct service_client *client,
                  const char *what, const char *body, size_t length);
    void (*answered)(void *context, struct service_client *client);
    unsigned int throttled; /* chances of a thousand */
    unsigned int lost_before;
    unsigned int lost_after;
    unsigned int late;
    bool late_after_death;          /* what the dead asked may land later */
    struct service_client *current; /* whose request is carried out */
};

void service_client_init(struct service_client *client, struct service *service,
                         void *owner);
void service_execute(void *subject);
void service_respond(void *subject);

#endif
