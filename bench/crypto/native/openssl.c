/*
 * OpenSSL without SRTP's sessions: what a libsrtp built on it can reach. Contexts are made once per
 * key; a packet sets the nonce, encrypts in place and makes the tag.
 */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "bench.h"

const char *subject_name = "openssl";

static const bench_profile *profile;
static EVP_CIPHER_CTX *encryption, *decryption;
static EVP_MAC *hmac;
static EVP_MAC_CTX *mac;
static uint8_t session_salt[14];

/* RFC 3711 §4.3.1: key stream of AES in counter mode, the label within the salt as its nonce. */
static int derive(const bench_profile *of, const uint8_t *key, const uint8_t *salt, uint8_t label,
                  uint8_t *out, int length) {
  uint8_t block[16] = {0};
  memcpy(block, salt, (size_t)of->salt_bytes);
  block[7] ^= label;
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  const EVP_CIPHER *cipher = of->key_bytes == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr();
  int written = 0;
  memset(out, 0, (size_t)length);
  int ok = EVP_EncryptInit_ex(context, cipher, NULL, key, block) &&
           EVP_EncryptUpdate(context, out, &written, out, length);
  EVP_CIPHER_CTX_free(context);
  return ok;
}

int subject_start(const bench_profile *of, const uint8_t *key, const uint8_t *salt) {
  uint8_t session_key[32], auth_key[20];
  profile = of;
  if (!derive(of, key, salt, 0, session_key, of->key_bytes)) return 0;
  if (!derive(of, key, salt, 1, auth_key, sizeof auth_key)) return 0;
  if (!derive(of, key, salt, 2, session_salt, of->salt_bytes)) return 0;
  const EVP_CIPHER *cipher = !of->gcm               ? EVP_aes_128_ctr()
                             : of->key_bytes == 16 ? EVP_aes_128_gcm()
                                                   : EVP_aes_256_gcm();
  encryption = EVP_CIPHER_CTX_new();
  decryption = EVP_CIPHER_CTX_new();
  hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
  mac = EVP_MAC_CTX_new(hmac);
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA1", 0),
      OSSL_PARAM_construct_end(),
  };
  return EVP_EncryptInit_ex(encryption, cipher, NULL, session_key, NULL) &&
         EVP_DecryptInit_ex(decryption, cipher, NULL, session_key, NULL) &&
         EVP_MAC_init(mac, auth_key, sizeof auth_key, parameters);
}

/* RFC 3711 §4.1.1 and RFC 7714 §8.1 differ in where the 48-bit index begins. */
static void nonce(uint8_t *out, const uint8_t *packet, uint32_t rollover, uint16_t sequence) {
  int at = profile->gcm ? 2 : 4;
  memset(out, 0, 16);
  memcpy(out, session_salt, (size_t)profile->salt_bytes);
  for (int i = 0; i < 4; i++) out[at + i] ^= packet[8 + i];
  for (int i = 0; i < 4; i++) out[at + 4 + i] ^= (uint8_t)(rollover >> (24 - 8 * i));
  out[at + 8] ^= (uint8_t)(sequence >> 8);
  out[at + 9] ^= (uint8_t)sequence;
}

static int authenticate(uint8_t *tag, const uint8_t *packet, int length, uint32_t rollover) {
  uint8_t counter[4];
  for (int i = 0; i < 4; i++) counter[i] = (uint8_t)(rollover >> (24 - 8 * i));
  size_t written;
  return EVP_MAC_init(mac, NULL, 0, NULL) && EVP_MAC_update(mac, packet, (size_t)length) &&
         EVP_MAC_update(mac, counter, sizeof counter) && EVP_MAC_final(mac, tag, &written, 20);
}

int subject_protect(uint8_t *packet, int length, uint32_t rollover, uint16_t sequence) {
  uint8_t iv[16], tag[20];
  uint8_t *text = packet + HEADER_BYTES;
  int size = length - HEADER_BYTES, written;
  nonce(iv, packet, rollover, sequence);
  if (!EVP_EncryptInit_ex(encryption, NULL, NULL, NULL, iv)) return 0;
  if (profile->gcm && !EVP_EncryptUpdate(encryption, NULL, &written, packet, HEADER_BYTES)) return 0;
  if (!EVP_EncryptUpdate(encryption, text, &written, text, size)) return 0;
  if (profile->gcm) {
    return EVP_EncryptFinal_ex(encryption, text + written, &written) &&
           EVP_CIPHER_CTX_ctrl(encryption, EVP_CTRL_AEAD_GET_TAG, 16, packet + length);
  }
  if (!authenticate(tag, packet, length, rollover)) return 0;
  memcpy(packet + length, tag, (size_t)profile->tag_bytes);
  return 1;
}

int subject_unprotect(uint8_t *packet, int length, uint32_t rollover, uint16_t sequence) {
  uint8_t iv[16], tag[20];
  uint8_t *text = packet + HEADER_BYTES;
  int size = length - HEADER_BYTES, written;
  nonce(iv, packet, rollover, sequence);
  if (!profile->gcm) {
    if (!authenticate(tag, packet, length, rollover)) return 0;
    if (CRYPTO_memcmp(tag, packet + length, (size_t)profile->tag_bytes) != 0) return 0;
  }
  if (!EVP_DecryptInit_ex(decryption, NULL, NULL, NULL, iv)) return 0;
  if (profile->gcm) {
    if (!EVP_CIPHER_CTX_ctrl(decryption, EVP_CTRL_AEAD_SET_TAG, 16, packet + length)) return 0;
    if (!EVP_DecryptUpdate(decryption, NULL, &written, packet, HEADER_BYTES)) return 0;
  }
  if (!EVP_DecryptUpdate(decryption, text, &written, text, size)) return 0;
  return !profile->gcm || EVP_DecryptFinal_ex(decryption, text + written, &written) > 0;
}

void subject_end(void) {
  EVP_CIPHER_CTX_free(encryption);
  EVP_CIPHER_CTX_free(decryption);
  EVP_MAC_CTX_free(mac);
  EVP_MAC_free(hmac);
}
