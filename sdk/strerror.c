#include "chat/client.h"

const char *chat_strerror(int error)
{
    switch (error) {
    case CHAT_OK:
        return "no error";
    case CHAT_ERROR_MEMORY:
        return "out of memory";
    case CHAT_ERROR_ARGUMENT:
        return "invalid argument";
    case CHAT_ERROR_STATE:
        return "not possible in this state";
    case CHAT_ERROR_FULL:
        return "too many messages or requests wait";
    case CHAT_ERROR_NETWORK:
        return "no connection to the server";
    case CHAT_ERROR_TLS:
        return "the server's certificate is not trusted";
    case CHAT_ERROR_TIMEOUT:
        return "no answer in time";
    case CHAT_ERROR_PROTOCOL:
        return "the data is not what was expected";
    case CHAT_ERROR_SYSTEM:
        return "the system refused a file, thread or descriptor";
    case CHAT_ERROR_CANCELLED:
        return "cancelled";
    case CHAT_ERROR_BAD_REQUEST:
        return "the server found the request malformed";
    case CHAT_ERROR_UNAUTHORIZED:
        return "the sign-in was refused";
    case CHAT_ERROR_FORBIDDEN:
        return "not allowed";
    case CHAT_ERROR_NOT_FOUND:
        return "no such room or entry";
    case CHAT_ERROR_NAME_TAKEN:
        return "the name is taken";
    case CHAT_ERROR_KEY_CONFLICT:
        return "the key was used with another content";
    case CHAT_ERROR_EPOCH_CHANGED:
        return "the room's log began anew";
    case CHAT_ERROR_TOO_LARGE:
        return "too large, or too many rooms";
    case CHAT_ERROR_RATE_LIMITED:
        return "too many requests";
    case CHAT_ERROR_BUSY:
        return "the server is busy";
    case CHAT_ERROR_STORAGE:
        return "the server could not store it";
    case CHAT_ERROR_VERSION:
        return "the server speaks another protocol version";
    case CHAT_ERROR_SERVER:
        return "the server reported an error unknown to this version";
    default:
        return "unknown error";
    }
}
