#include "tests/dynamodb/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So long a caller waits for an answer, and so late a request may land. */
#define TIMEOUT_MS 3000
#define LATE_MS    30000

enum fate {
    FATE_FINE,
    FATE_THROTTLED,
    FATE_BEFORE, /* nothing happens, and no answer comes */
    FATE_ERROR,  /* nothing happens; the answer leaves that open */
    FATE_AFTER,  /* it happens, and no answer comes */
    FATE_LATE    /* no answer comes, and then it happens */
};

/* Lives until it has landed and has been answered. */
struct request {
    struct service_client *client;
    struct chat__dynamodb_call *call;
    char operation[16];
    char *body;
    size_t length;
    enum fate fate;
    bool answered;
    bool landed;
    unsigned int status;
    char *answer;
};

static void *must(void *pointer)
{
    if (pointer == NULL)
        abort();
    return pointer;
}

static bool chance(struct service *service, unsigned int of_1000)
{
    return service->draw(service->context, 1000) < of_1000;
}

static enum fate draw_fate(struct service *service)
{
    if (service->fault(service->context, service->throttled))
        return FATE_THROTTLED;
    if (service->fault(service->context, service->lost_before))
        return chance(service, 500) ? FATE_BEFORE : FATE_ERROR;
    if (service->fault(service->context, service->lost_after))
        return FATE_AFTER;
    if (service->fault(service->context, service->late))
        return FATE_LATE;
    return FATE_FINE;
}

/* ---- the client ---- */

static bool call(struct chat__dynamodb_client *base,
                 struct chat__dynamodb_call *asked)
{
    struct service_client *client = (struct service_client *)base;
    struct service *service = client->service;
    struct request *request = must(calloc(1, sizeof(*request)));

    request->client = client;
    request->call = asked;
    snprintf(request->operation, sizeof(request->operation), "%s",
             asked->operation);
    request->body = must(malloc(asked->length));
    memcpy(request->body, asked->body, asked->length);
    request->length = asked->length;
    request->fate = client->dead ? FATE_BEFORE : draw_fate(service);
    service->after(service->context,
                   asked->delay_ms + service->delay_ms(service->context), false,
                   request);
    return true;
}

static int64_t monotonic_ms(struct chat__dynamodb_client *base)
{
    struct service *service = ((struct service_client *)base)->service;

    return service->now_ms(service->context);
}

static bool fill(struct chat__dynamodb_client *base, void *bytes, size_t length)
{
    struct service *service = ((struct service_client *)base)->service;
    unsigned char *at = bytes;

    for (size_t i = 0; i < length; i++)
        at[i] = (unsigned char)service->draw(service->context, 256);
    return true;
}

void service_client_init(struct service_client *client, struct service *service,
                         void *owner)
{
    *client = (struct service_client){
        .base = {.call = call, .monotonic_ms = monotonic_ms, .fill = fill},
        .service = service,
        .owner = owner,
    };
}

/* ---- the service ---- */

static void end_if_done(struct request *request)
{
    if (!request->answered || !request->landed)
        return;
    free(request->body);
    free(request->answer);
    free(request);
}

static void carry_out(struct request *request)
{
    struct service *service = request->client->service;

    service->current = request->client;
    request->answer = dynamodb_model_execute(
        service->model, request->operation, request->body, request->length,
        service->fault(service->context, 500), &request->status);
    service->current = NULL;
}

static void refuse(struct request *request, unsigned int status,
                   const char *type)
{
    char text[128];

    snprintf(text, sizeof(text),
             "{\"__type\":\"com.amazonaws.dynamodb.v20120810#%s\"}", type);
    request->status = status;
    request->answer = must(strdup(text));
}

static void trace(const struct request *request, const char *what)
{
    struct service *service = request->client->service;

    service->trace(service->context, request->client, what, request->body,
                   request->length);
}

/* It is on its way when its store dies: it may be lost, or come later. */
static void meet_death(struct request *request)
{
    struct service *service = request->client->service;

    if (!request->client->dead || request->fate == FATE_BEFORE)
        return;
    if (!service->late_after_death || chance(service, 300))
        request->fate = FATE_BEFORE;
    else if (service->fault(service->context, 500))
        request->fate = FATE_LATE;
}

static bool has_answer(const struct request *request)
{
    return request->fate == FATE_FINE || request->fate == FATE_THROTTLED ||
           request->fate == FATE_ERROR;
}

void service_execute(void *subject)
{
    struct request *request = subject;
    struct service *service = request->client->service;

    if (request->answered) {
        trace(request, "late");
        carry_out(request);
        request->landed = true;
        end_if_done(request);
        return;
    }
    meet_death(request);
    trace(request, request->operation);
    request->landed = request->fate != FATE_LATE;
    if (request->fate == FATE_FINE || request->fate == FATE_AFTER)
        carry_out(request);
    if (request->fate == FATE_THROTTLED)
        refuse(request, 400, "ProvisionedThroughputExceededException");
    if (request->fate == FATE_ERROR)
        refuse(request, 500, "InternalServerError");
    service->after(service->context,
                   has_answer(request)
                       ? service->delay_ms(service->context)
                       : (int64_t)service->draw(service->context, TIMEOUT_MS),
                   true, request);
}

void service_respond(void *subject)
{
    struct request *request = subject;
    struct service_client *client = request->client;
    struct service *service = client->service;
    struct chat__dynamodb_response response = {0};

    if (has_answer(request)) {
        response.status = request->status;
        response.body = request->answer;
        response.length = strlen(request->answer);
    }
    trace(request, has_answer(request) ? "answered" : "unanswered");
    request->answered = true;
    if (!request->landed)
        service->after(service->context,
                       (int64_t)service->draw(service->context, LATE_MS), false,
                       request);
    request->call->answered(request->call, &response);
    end_if_done(request);
    service->answered(service->context, client);
}
