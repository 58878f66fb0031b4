/*
 * libsrtp at the end of a pipe: one command a line, one answer a line.
 *
 *   open ID send|receive PROFILE KEY   a session; PROFILE is the number of RFC 5764 and RFC 7714,
 *                                      KEY the master key and the master salt in hexadecimal; with
 *                                      "clear_rtcp" behind it SRTCP is authenticated only
 *   close ID                           its end
 *   protect ID PACKET                  RTP to SRTP
 *   unprotect ID PACKET                SRTP to RTP
 *   protect_rtcp ID PACKET             RTCP to SRTCP
 *   unprotect_rtcp ID PACKET           SRTCP to RTCP
 *
 * Answers are "ok", "ok HEX", "refused authentication", "refused replay" or "refused other", and
 * "error REASON" for a line that is none of these.
 *
 * Build: cc -O2 -o libsrtp_peer libsrtp_peer.c -lsrtp2
 */
#include <srtp2/srtp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SESSIONS 256
#define MAX_PACKET 4096
#define MAX_KEY 64

typedef srtp_err_status_t (*transform)(srtp_t session, void *packet, int *length);

static srtp_t sessions[MAX_SESSIONS];

static int nibble(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

/* The number of bytes, or -1. */
static int decode(const char *text, uint8_t *out, size_t room) {
    size_t length = strlen(text);
    if (length % 2 != 0 || length / 2 > room) return -1;
    for (size_t i = 0; i < length / 2; i++) {
        int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);
        if (high < 0 || low < 0) return -1;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return (int)(length / 2);
}

static void answer_packet(const uint8_t *bytes, int length) {
    fputs("ok ", stdout);
    for (int i = 0; i < length; i++) printf("%02x", bytes[i]);
    putchar('\n');
}

static void answer_status(srtp_err_status_t status) {
    switch (status) {
    case srtp_err_status_ok: puts("ok"); break;
    case srtp_err_status_auth_fail: puts("refused authentication"); break;
    case srtp_err_status_replay_fail: puts("refused replay"); break;
    default: puts("refused other"); break;
    }
}

static srtp_t *find_session(const char *id) {
    long index = id == NULL ? -1 : strtol(id, NULL, 10);
    return index >= 0 && index < MAX_SESSIONS ? &sessions[index] : NULL;
}

static void close_session(srtp_t *session) {
    if (*session != NULL) srtp_dealloc(*session);
    *session = NULL;
}

static void open_session(srtp_t *session, const char *way, const char *profile, const char *key,
                         const char *flag) {
    uint8_t bytes[MAX_KEY];
    srtp_policy_t policy;
    memset(&policy, 0, sizeof policy);
    srtp_profile_t number = (srtp_profile_t)strtol(profile, NULL, 10);
    srtp_err_status_t status = srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, number);
    if (status == srtp_err_status_ok) {
        status = srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, number);
    }
    if (status != srtp_err_status_ok) {
        answer_status(status);
        return;
    }
    if (decode(key, bytes, sizeof bytes) != policy.rtp.cipher_key_len) {
        puts("error length of the key");
        return;
    }
    if (flag != NULL && strcmp(flag, "clear_rtcp") == 0) policy.rtcp.sec_serv = sec_serv_auth;
    policy.ssrc.type = strcmp(way, "send") == 0 ? ssrc_any_outbound : ssrc_any_inbound;
    policy.key = bytes;
    policy.window_size = 1024;
    close_session(session);
    answer_status(srtp_create(session, &policy));
}

static void transform_packet(srtp_t session, transform apply, const char *text) {
    /* The library writes in place, and wants its packets aligned. */
    static uint32_t words[(MAX_PACKET + SRTP_MAX_TRAILER_LEN) / 4 + 1];
    uint8_t *bytes = (uint8_t *)words;
    int length = decode(text, bytes, MAX_PACKET);
    if (length < 0) {
        puts("error hexadecimal");
        return;
    }
    srtp_err_status_t status = apply(session, bytes, &length);
    if (status == srtp_err_status_ok) answer_packet(bytes, length);
    else answer_status(status);
}

static transform find_transform(const char *verb) {
    if (strcmp(verb, "protect") == 0) return srtp_protect;
    if (strcmp(verb, "unprotect") == 0) return srtp_unprotect;
    if (strcmp(verb, "protect_rtcp") == 0) return srtp_protect_rtcp;
    if (strcmp(verb, "unprotect_rtcp") == 0) return srtp_unprotect_rtcp;
    return NULL;
}

static void obey(char *line) {
    const char *verb = strtok(line, " \n");
    srtp_t *session = find_session(strtok(NULL, " \n"));
    if (verb == NULL || session == NULL) {
        puts("error number of the session");
        return;
    }
    const char *first = strtok(NULL, " \n");
    transform apply = find_transform(verb);
    if (apply != NULL && first != NULL && *session != NULL) {
        transform_packet(*session, apply, first);
    } else if (strcmp(verb, "close") == 0) {
        close_session(session);
        puts("ok");
    } else {
        const char *profile = strtok(NULL, " \n");
        const char *key = strtok(NULL, " \n");
        const char *flag = strtok(NULL, " \n");
        if (strcmp(verb, "open") == 0 && key != NULL) {
            open_session(session, first, profile, key, flag);
        } else {
            puts("error command");
        }
    }
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    if (srtp_init() != srtp_err_status_ok) return 1;
    while (getline(&line, &room, stdin) > 0) {
        obey(line);
        fflush(stdout);
    }
    for (int i = 0; i < MAX_SESSIONS; i++) close_session(&sessions[i]);
    free(line);
    return srtp_shutdown() == srtp_err_status_ok ? 0 : 1;
}
