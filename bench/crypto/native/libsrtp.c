/* libsrtp as the distribution builds it: sessions of its own, one packet a call, in place. */
#include <srtp2/srtp.h>

#include "bench.h"

const char *subject_name = "libsrtp";

static srtp_t sender, receiver;
static int tag_bytes;

static srtp_t session(const bench_profile *profile, srtp_ssrc_type_t direction, uint8_t *key) {
  srtp_policy_t policy;
  memset(&policy, 0, sizeof policy);
  if (profile->gcm && profile->key_bytes == 16) {
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
  } else if (profile->gcm) {
    srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp);
  } else {
    if (profile->tag_bytes == 10) srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
    else srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy.rtp);
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
  }
  policy.ssrc.type = direction;
  policy.key = key;
  policy.window_size = 1024;
  srtp_t made = NULL;
  return srtp_create(&made, &policy) == srtp_err_status_ok ? made : NULL;
}

int subject_start(const bench_profile *profile, const uint8_t *key, const uint8_t *salt) {
  static int initialized;
  if (!initialized && srtp_init() != srtp_err_status_ok) return 0;
  initialized = 1;
  uint8_t both[32 + 14];
  memcpy(both, key, (size_t)profile->key_bytes);
  memcpy(both + profile->key_bytes, salt, (size_t)profile->salt_bytes);
  tag_bytes = profile->tag_bytes;
  sender = session(profile, ssrc_any_outbound, both);
  receiver = session(profile, ssrc_any_inbound, both);
  return sender != NULL && receiver != NULL;
}

int subject_protect(uint8_t *packet, int length, uint32_t rollover, uint16_t sequence) {
  (void)rollover, (void)sequence;
  int end = length;
  return srtp_protect(sender, packet, &end) == srtp_err_status_ok && end == length + tag_bytes;
}

int subject_unprotect(uint8_t *packet, int length, uint32_t rollover, uint16_t sequence) {
  (void)rollover, (void)sequence;
  int end = length + tag_bytes;
  return srtp_unprotect(receiver, packet, &end) == srtp_err_status_ok && end == length;
}

void subject_end(void) {
  srtp_dealloc(sender);
  srtp_dealloc(receiver);
}
