/*
 * What both C programs share: the packets, keys and rounds of ../packet_set.ts and ../measure.ts, and
 * one line of JSON per figure.
 *
 *     PROGRAM ROUNDS TURN_MS LABEL PROFILE,PROFILE… SIZE,SIZE…
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SET_PACKETS = 64, HEADER_BYTES = 12, TAG_ROOM_BYTES = 20, MAX_ROUNDS = 101 };

typedef struct {
  const char *name;
  int key_bytes, salt_bytes, tag_bytes;
  int gcm;
} bench_profile;

static const bench_profile bench_profiles[] = {
    {"SRTP_AES128_CM_HMAC_SHA1_80", 16, 14, 10, 0},
    {"SRTP_AES128_CM_HMAC_SHA1_32", 16, 14, 4, 0},
    {"SRTP_AEAD_AES_128_GCM", 16, 12, 16, 1},
    {"SRTP_AEAD_AES_256_GCM", 32, 12, 16, 1},
};

/* One subject: answers 0 when it cannot do a profile, or when a packet is refused. */
int subject_start(const bench_profile *profile, const uint8_t *key, const uint8_t *salt);
int subject_protect(uint8_t *packet, int length, uint32_t rollover, uint16_t sequence);
int subject_unprotect(uint8_t *packet, int length, uint32_t rollover, uint16_t sequence);
void subject_end(void);
extern const char *subject_name;

/* The processor time of this thread: what others take away does not count. */
static double bench_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

static int bench_compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static double bench_median(double *values, int count) {
  qsort(values, (size_t)count, sizeof *values, bench_compare);
  return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static int bench_listed(const char *list, const char *item) {
  size_t length = strlen(item);
  for (const char *at = list; (at = strstr(at, item)) != NULL; at += length) {
    int starts = at == list || at[-1] == ',';
    int ends = at[length] == 0 || at[length] == ',';
    if (starts && ends) return 1;
  }
  return 0;
}

static void bench_print(const char *label, const bench_profile *profile, int size,
                        const char *check, const char *direction, double ns) {
  printf("{\"kind\":\"packet\",\"runtime\":\"native\",\"version\":\"%s\",\"profile\":\"%s\","
         "\"payloadBytes\":%d,\"subject\":\"%s\",\"batch\":1,\"check\":\"%s\","
         "\"direction\":\"%s\",\"ns\":%.1f}\n",
         label, profile->name, size, subject_name, check, direction, ns);
  fflush(stdout);
}

static uint8_t *bench_packets(int size, int stride) {
  static const uint8_t header[] = {0x80, 111, 0, 0, 0, 0, 0, 0, 0x5e, 0xed, 0xca, 0xfe};
  uint8_t *bytes = calloc(SET_PACKETS, (size_t)stride);
  for (int i = 0; i < SET_PACKETS; i++) {
    memcpy(bytes + i * stride, header, sizeof header);
    for (int j = 0; j < size; j++) bytes[i * stride + HEADER_BYTES + j] = (uint8_t)(i + j);
  }
  return bytes;
}

static void bench_number(uint8_t *packet, uint64_t index) {
  packet[2] = (uint8_t)(index >> 8);
  packet[3] = (uint8_t)index;
}

/* Writes the first packet's tag as hexadecimal: every subject must make the same. */
static int bench_check(uint8_t *packet, int length, int tag_bytes, char *out) {
  bench_number(packet, 1);
  int ok = subject_protect(packet, length, 0, 1);
  for (int i = 0; i < tag_bytes; i++) snprintf(out + 2 * i, 3, "%02x", packet[length + i]);
  return ok && subject_unprotect(packet, length, 0, 1);
}

/* One turn: nanoseconds per packet, and the index after the last packet. */
static int bench_turn(uint8_t *bytes, int stride, int length, double turn_ns, uint64_t *index,
                      double *protect_ns, double *unprotect_ns) {
  double protecting = 0, unprotecting = 0;
  long packets = 0;
  int ok = 1;
  do {
    for (int i = 0; i < SET_PACKETS; i++) bench_number(bytes + i * stride, *index + (uint64_t)i);
    double start = bench_now();
    for (int i = 0; i < SET_PACKETS; i++) {
      uint64_t at = *index + (uint64_t)i;
      ok &= subject_protect(bytes + i * stride, length, (uint32_t)(at >> 16), (uint16_t)at);
    }
    double middle = bench_now();
    for (int i = 0; i < SET_PACKETS; i++) {
      uint64_t at = *index + (uint64_t)i;
      ok &= subject_unprotect(bytes + i * stride, length, (uint32_t)(at >> 16), (uint16_t)at);
    }
    unprotecting += bench_now() - middle;
    protecting += middle - start;
    packets += SET_PACKETS;
    *index += SET_PACKETS;
  } while (protecting + unprotecting < turn_ns && ok);
  *protect_ns = protecting / (double)packets;
  *unprotect_ns = unprotecting / (double)packets;
  return ok;
}

static int bench_case(const char *label, const bench_profile *profile, int size, int rounds,
                      double turn_ns) {
  uint8_t key[32], salt[14];
  for (int i = 0; i < 32; i++) key[i] = (uint8_t)i;
  for (int i = 0; i < 14; i++) salt[i] = (uint8_t)(128 + i);
  if (!subject_start(profile, key, salt)) {
    fprintf(stderr, "%s has no %s here\n", subject_name, profile->name);
    return 1;
  }
  int length = HEADER_BYTES + size;
  int stride = (length + TAG_ROOM_BYTES + 63) & ~63;
  uint8_t *bytes = bench_packets(size, stride);
  char check[33] = "";
  int ok = bench_check(bytes, length, profile->tag_bytes, check);
  static double protecting[MAX_ROUNDS], unprotecting[MAX_ROUNDS];
  uint64_t index = 2;
  /* The first turn warms up, and the second one overwrites its figures. */
  if (ok) ok = bench_turn(bytes, stride, length, turn_ns, &index, protecting, unprotecting);
  for (int i = 0; i < rounds && ok; i++) {
    ok = bench_turn(bytes, stride, length, turn_ns, &index, protecting + i, unprotecting + i);
  }
  subject_end();
  free(bytes);
  if (!ok) {
    fprintf(stderr, "%s refused its own packet (%s)\n", subject_name, profile->name);
    return 0;
  }
  bench_print(label, profile, size, check, "protect", bench_median(protecting, rounds));
  bench_print(label, profile, size, check, "unprotect", bench_median(unprotecting, rounds));
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "usage: %s ROUNDS TURN_MS LABEL PROFILES SIZES\n", argv[0]);
    return 2;
  }
  int rounds = atoi(argv[1]);
  if (rounds < 1 || rounds > MAX_ROUNDS) rounds = 11;
  double turn_ns = 1e6 * atof(argv[2]);
  for (size_t i = 0; i < sizeof bench_profiles / sizeof *bench_profiles; i++) {
    if (!bench_listed(argv[4], bench_profiles[i].name)) continue;
    for (const char *at = argv[5]; *at != 0;) {
      char *end;
      long size = strtol(at, &end, 10);
      if (end == at || size < 0 || size > 9000) return 2;
      if (!bench_case(argv[3], &bench_profiles[i], (int)size, rounds, turn_ns)) return 1;
      at = *end == ',' ? end + 1 : end;
    }
  }
  return 0;
}

#endif
