/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of the PSA Crypto API 1.1 that TLS 1.3 of Mbed TLS 3.6 calls: hashes, HMAC, HKDF's two halves
 * (RFC 5869) and ECDH, straight on Mbed TLS's own functions. It takes the place of psa_crypto.c, whose key
 * store, policies and drivers nobody else asks for: 8 KB of flash and 1.3 KB of static data.
 *
 * A key is a number, in the arena of the core whose call is running. Only handshakes have keys, and each
 * destroys its own.
 */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include "core.h"

#if defined(MBEDTLS_PSA_CRYPTO_C)

#include <mbedtls/ecdh.h>
#include <mbedtls/hkdf.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/psa_util.h>
#include <psa/crypto.h>
#include <string.h>

struct etls_key {
    struct etls_key *next;
    psa_key_id_t id;
    psa_key_type_t type;
    uint16_t bits;
    mbedtls_mpi value;
};

/* Mbed TLS's codes that have an own meaning for ssl_tls13_keys.c; of keys, those of a peer can be bad. */
static psa_status_t status_of(int result)
{
    switch (result) {
    case 0:
        return PSA_SUCCESS;
    case MBEDTLS_ERR_MPI_ALLOC_FAILED:
    case MBEDTLS_ERR_ECP_ALLOC_FAILED:
    case MBEDTLS_ERR_MD_ALLOC_FAILED:
        return PSA_ERROR_INSUFFICIENT_MEMORY;
    case MBEDTLS_ERR_ECP_INVALID_KEY:
    case MBEDTLS_ERR_ECP_BAD_INPUT_DATA:
        return PSA_ERROR_INVALID_ARGUMENT;
    default:
        return PSA_ERROR_GENERIC_ERROR;
    }
}

static const mbedtls_md_info_t *hash_of(psa_algorithm_t algorithm)
{
    return mbedtls_md_info_from_type(mbedtls_md_type_from_psa_alg(PSA_ALG_GET_HASH(algorithm)));
}

psa_status_t psa_crypto_init(void)
{
    return PSA_SUCCESS;
}

psa_status_t psa_hash_compute(psa_algorithm_t algorithm, const uint8_t *input, size_t length,
                              uint8_t *hash, size_t size, size_t *hash_length)
{
    *hash_length = PSA_HASH_LENGTH(algorithm);
    if (size < *hash_length) {
        return PSA_ERROR_BUFFER_TOO_SMALL;
    }
    return status_of(mbedtls_md(hash_of(algorithm), input, length, hash));
}

/* ---- keys ---- */

static struct etls_key *find(psa_key_id_t id)
{
    struct etls_key *key = etls_current->keys;
    while (key != NULL && key->id != id) {
        key = key->next;
    }
    return key;
}

static struct etls_key *add(const psa_key_attributes_t *attributes, psa_key_id_t *id)
{
    etls_core *core = etls_current;
    struct etls_key *key = etls_alloc(core, sizeof(*key));
    if (key == NULL) {
        return NULL;
    }
    mbedtls_mpi_init(&key->value);
    key->type = psa_get_key_type(attributes);
    key->bits = (uint16_t) psa_get_key_bits(attributes);
    key->id = core->keys != NULL ? core->keys->id + 1 : 1; /* the newest is first */
    key->next = core->keys;
    core->keys = key;
    *id = key->id;
    return key;
}

psa_status_t psa_destroy_key(psa_key_id_t id)
{
    for (struct etls_key **link = &etls_current->keys; *link != NULL; link = &(*link)->next) {
        struct etls_key *key = *link;
        if (key->id == id) {
            *link = key->next;
            mbedtls_mpi_free(&key->value); /* wipes it */
            etls_free(etls_current, key);
            return PSA_SUCCESS;
        }
    }
    return id == PSA_KEY_ID_NULL ? PSA_SUCCESS : PSA_ERROR_INVALID_HANDLE;
}

/* Keeps a new key, or not. */
static psa_status_t settle(int result, psa_key_id_t *id)
{
    if (result != 0) {
        (void) psa_destroy_key(*id);
        *id = PSA_KEY_ID_NULL;
    }
    return status_of(result);
}

psa_status_t psa_get_key_attributes(psa_key_id_t id, psa_key_attributes_t *attributes)
{
    const struct etls_key *key = find(id);
    if (key == NULL) {
        return PSA_ERROR_INVALID_HANDLE;
    }
    psa_set_key_type(attributes, key->type);
    psa_set_key_bits(attributes, key->bits);
    return PSA_SUCCESS;
}

psa_status_t psa_import_key(const psa_key_attributes_t *attributes, const uint8_t *data, size_t length,
                            psa_key_id_t *id)
{
    struct etls_key *key = add(attributes, id);
    if (key == NULL) {
        return PSA_ERROR_INSUFFICIENT_MEMORY;
    }
    key->bits = (uint16_t) (length * 8);
    return settle(mbedtls_mpi_read_binary(&key->value, data, length), id);
}

/* ---- HMAC and HKDF ---- */

psa_status_t psa_mac_compute(psa_key_id_t id, psa_algorithm_t algorithm, const uint8_t *input,
                             size_t length, uint8_t *mac, size_t size, size_t *mac_length)
{
    uint8_t bytes[PSA_HASH_MAX_SIZE];
    const struct etls_key *key = find(id);
    *mac_length = PSA_HASH_LENGTH(algorithm);
    if (key == NULL || key->bits > 8 * sizeof(bytes) || size < *mac_length) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    int result = mbedtls_mpi_write_binary(&key->value, bytes, key->bits / 8);
    if (result == 0) {
        result = mbedtls_md_hmac(hash_of(algorithm), bytes, key->bits / 8, input, length, mac);
    }
    mbedtls_platform_zeroize(bytes, sizeof(bytes));
    return status_of(result);
}

psa_status_t psa_key_derivation_setup(psa_key_derivation_operation_t *operation,
                                      psa_algorithm_t algorithm)
{
    memset(operation, 0, sizeof(*operation));
    operation->alg = algorithm;
    return PSA_SUCCESS;
}

/*
 * In the order of PSA: salt and secret to extract, secret and info to expand. Salt and info are not copied:
 * they must stay until there is output.
 */
psa_status_t psa_key_derivation_input_bytes(psa_key_derivation_operation_t *operation,
                                            psa_key_derivation_step_t step, const uint8_t *data,
                                            size_t length)
{
    psa_hkdf_key_derivation_t *hkdf =
        &operation->ctx.hkdf;
    psa_algorithm_t algorithm = operation->alg;
    if (step != PSA_KEY_DERIVATION_INPUT_SECRET) {
        hkdf->info = (uint8_t *) (uintptr_t) data;
        hkdf->info_length = length;
        return PSA_SUCCESS;
    }
    if (PSA_ALG_IS_HKDF_EXTRACT(algorithm)) {
        return status_of(mbedtls_hkdf_extract(
            hash_of(algorithm), hkdf->info, hkdf->info_length, data,
            length, hkdf->prk));
    }
    if (length != PSA_HASH_LENGTH(algorithm)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    memcpy(hkdf->prk, data, length);
    return PSA_SUCCESS;
}

psa_status_t psa_key_derivation_output_bytes(psa_key_derivation_operation_t *operation,
                                             uint8_t *output, size_t length)
{
    const psa_hkdf_key_derivation_t *hkdf =
        &operation->ctx.hkdf;
    psa_algorithm_t algorithm = operation->alg;
    size_t hash_length = PSA_HASH_LENGTH(algorithm);
    if (PSA_ALG_IS_HKDF_EXPAND(algorithm)) {
        return status_of(mbedtls_hkdf_expand(
            hash_of(algorithm), hkdf->prk, hash_length, hkdf->info,
            hkdf->info_length, output, length));
    }
    if (length > hash_length) {
        return PSA_ERROR_INSUFFICIENT_DATA;
    }
    memcpy(output, hkdf->prk, length);
    return PSA_SUCCESS;
}

psa_status_t psa_key_derivation_abort(psa_key_derivation_operation_t *operation)
{
    mbedtls_platform_zeroize(operation, sizeof(*operation));
    return PSA_SUCCESS;
}

/* ---- ECDH ---- */

static int load_group(mbedtls_ecp_group *group, psa_key_type_t type, size_t bits)
{
    mbedtls_ecp_group_init(group);
    return mbedtls_ecp_group_load(
        group, mbedtls_ecc_group_from_psa(PSA_KEY_TYPE_ECC_GET_FAMILY(type), bits));
}

psa_status_t psa_generate_key(const psa_key_attributes_t *attributes, psa_key_id_t *id)
{
    mbedtls_ecp_group group;
    struct etls_key *key = add(attributes, id);
    if (key == NULL) {
        return PSA_ERROR_INSUFFICIENT_MEMORY;
    }
    int result = load_group(&group, key->type, key->bits);
    if (result == 0) {
        result = mbedtls_ecp_gen_privkey(&group, &key->value, etls_random, NULL);
    }
    mbedtls_ecp_group_free(&group);
    return settle(result, id);
}

psa_status_t psa_export_public_key(psa_key_id_t id, uint8_t *data, size_t size, size_t *length)
{
    mbedtls_ecp_group group;
    mbedtls_ecp_point point;
    const struct etls_key *key = find(id);
    if (key == NULL) {
        return PSA_ERROR_INVALID_HANDLE;
    }
    mbedtls_ecp_point_init(&point);
    int result = load_group(&group, key->type, key->bits);
    if (result == 0) {
        result = mbedtls_ecp_mul(&group, &point, &key->value, &group.G, etls_random, NULL);
    }
    if (result == 0) {
        result = mbedtls_ecp_point_write_binary(&group, &point, MBEDTLS_ECP_PF_UNCOMPRESSED, length,
                                                data, size);
    }
    mbedtls_ecp_point_free(&point);
    mbedtls_ecp_group_free(&group);
    return result == MBEDTLS_ERR_ECP_BUFFER_TOO_SMALL ? PSA_ERROR_BUFFER_TOO_SMALL : status_of(result);
}

/* The peer's point is checked to be on the curve, and of X25519 not to be of low order. */
static int agree(const struct etls_key *key, const uint8_t *peer, size_t peer_length, uint8_t *output,
                 size_t length)
{
    mbedtls_ecp_group group;
    mbedtls_ecp_point point;
    mbedtls_mpi secret;
    mbedtls_ecp_point_init(&point);
    mbedtls_mpi_init(&secret);
    int result = load_group(&group, key->type, key->bits);
    if (result == 0) {
        result = mbedtls_ecp_point_read_binary(&group, &point, peer, peer_length);
    }
    if (result == 0) {
        result = mbedtls_ecp_check_pubkey(&group, &point);
    }
    if (result == 0) {
        result = mbedtls_ecdh_compute_shared(&group, &secret, &point, &key->value, etls_random, NULL);
    }
    if (result == 0) {
        bool little = mbedtls_ecp_get_type(&group) == MBEDTLS_ECP_TYPE_MONTGOMERY;
        result = little ? mbedtls_mpi_write_binary_le(&secret, output, length)
                        : mbedtls_mpi_write_binary(&secret, output, length);
    }
    mbedtls_mpi_free(&secret);
    mbedtls_ecp_point_free(&point);
    mbedtls_ecp_group_free(&group);
    return result;
}

psa_status_t psa_raw_key_agreement(psa_algorithm_t algorithm, psa_key_id_t id, const uint8_t *peer,
                                   size_t peer_length, uint8_t *output, size_t size, size_t *length)
{
    const struct etls_key *key = find(id);
    if (key == NULL || algorithm != PSA_ALG_ECDH) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    *length = PSA_BITS_TO_BYTES(key->bits);
    return size < *length ? PSA_ERROR_BUFFER_TOO_SMALL
                          : status_of(agree(key, peer, peer_length, output, *length));
}

#endif
