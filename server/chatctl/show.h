/* What a file or a person gave, made fit for a terminal. */
#ifndef CHAT_SERVER_CHATCTL_SHOW_H
#define CHAT_SERVER_CHATCTL_SHOW_H

/* Of a text of 512 bytes, each of which becomes four at most. */
#define CHATCTL_SHOWN_BYTES (4 * 512 + 1)

/*
 * Printable ASCII as it is, other bytes as \xNN: what a damaged or hostile
 * file holds must not reach a terminal. What does not fit is cut.
 */
const char *chatctl_show(char shown[CHATCTL_SHOWN_BYTES], const char *text);

#endif
