/* SPDX-License-Identifier: Apache-2.0 */
/* native/src/aes.c, gcm.c and sha2.c by themselves, for test/symmetric.test.ts. */
#include "core.h"

#include <mbedtls/gcm.h>
#include <mbedtls/sha256.h>
#include <mbedtls/sha512.h>
#include <string.h>

#define ROOM 8192

uint8_t *probe_bytes(void);
int probe_hash(int bits, uint32_t length, uint32_t piece);
int probe_gcm(int decrypt, uint32_t bits, uint32_t also, uint32_t length);

/* For GCM: key 32, initialization vector 12, tag 16, 4 of nothing, what is only authenticated, the data. */
static struct {
    uint8_t key[32];
    uint8_t iv[12];
    uint8_t tag[16];
    uint8_t unused[4];
    uint8_t data[ROOM];
} bytes;

uint8_t *probe_bytes(void)
{
    return bytes.key;
}

static int hash_256(uint32_t length, uint32_t piece)
{
    mbedtls_sha256_context sha;
    mbedtls_sha256_context copy;
    mbedtls_sha256_init(&sha);
    int result = mbedtls_sha256_starts(&sha, 0);
    for (uint32_t at = 0; at < length; at += piece) {
        result |= mbedtls_sha256_update(&sha, bytes.data + at, length - at < piece ? length - at : piece);
    }
    mbedtls_sha256_clone(&copy, &sha);
    result |= mbedtls_sha256_finish(&copy, bytes.key);
    mbedtls_sha256_free(&sha);
    return result;
}

static int hash_512(int bits, uint32_t length, uint32_t piece)
{
    mbedtls_sha512_context sha;
    mbedtls_sha512_init(&sha);
    int result = mbedtls_sha512_starts(&sha, bits == 384);
    for (uint32_t at = 0; at < length; at += piece) {
        result |= mbedtls_sha512_update(&sha, bytes.data + at, length - at < piece ? length - at : piece);
    }
    result |= mbedtls_sha512_finish(&sha, bytes.key);
    return result;
}

/* The hash of the data, taken in pieces, at the start of all; `piece` 0: at once. */
int probe_hash(int bits, uint32_t length, uint32_t piece)
{
    if (piece == 0) {
        return bits == 256 ? mbedtls_sha256(bytes.data, length, bytes.key, 0)
                           : mbedtls_sha512(bytes.data, length, bytes.key, bits == 384);
    }
    return bits == 256 ? hash_256(length, piece) : hash_512(bits, length, piece);
}

/* In place. */
int probe_gcm(int decrypt, uint32_t bits, uint32_t also, uint32_t length)
{
    mbedtls_gcm_context gcm;
    uint8_t *data = bytes.data + also;
    mbedtls_gcm_init(&gcm);
    int result = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, bytes.key, bits);
    if (result == 0 && decrypt != 0) {
        result = mbedtls_gcm_auth_decrypt(&gcm, length, bytes.iv, sizeof(bytes.iv), bytes.data, also,
                                          bytes.tag, sizeof(bytes.tag), data, data);
    } else if (result == 0) {
        result = mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, length, bytes.iv, sizeof(bytes.iv),
                                           bytes.data, also, data, data, sizeof(bytes.tag), bytes.tag);
    }
    mbedtls_gcm_free(&gcm);
    return result;
}
