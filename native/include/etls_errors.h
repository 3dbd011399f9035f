/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The error table: the one place where codes, names, alerts and sentences stand.
 *
 * `native/tools/generate.mjs` reads this file and writes `modules/errors.gen.ts`; the C core uses
 * the codes and alerts, JavaScript the names and sentences, so that a board's flash holds the
 * text once at most.
 *
 *   ETLS_ERROR(name, code, alert, sentence)
 *
 * name      what JavaScript shows as `error.code`, with ETLS_ before it. Never renamed.
 * code      negative, stable: never reused, never renumbered.
 * alert     the TLS alert (RFC 8446 section 6) that tells the peer, or -1 for none. Most alerts
 *           are sent by Mbed TLS itself; the core sends these for what it finds on its own.
 * sentence  what happened, with {values} from the report, and what to do next.
 *
 * Classes: -1 use and resources, -20 loading, -40 protocol, -60 certificates, -90 transport
 * (raised in JavaScript). -1000 - n is the peer's fatal alert n, see ETLS_ALERT.
 */
#ifndef ETLS_ERRORS_H
#define ETLS_ERRORS_H

/* clang-format off */
#define ETLS_ERRORS(ETLS_ERROR)                                                                   \
    /* Use and resources */                                                                       \
    ETLS_ERROR(BAD_ARGUMENT, -1, -1, "an argument is out of range: {detail}")                     \
    ETLS_ERROR(BAD_CORE, -2, -1, "the memory arena was moved or overwritten: restart and leave its memory alone") \
    ETLS_ERROR(BAD_HANDLE, -3, -1, "not a handle of this kind: it was never given out or belongs to something else") \
    ETLS_ERROR(STALE_HANDLE, -4, -1, "this connection or context was freed already")              \
    ETLS_ERROR(OUT_OF_MEMORY, -5, 80, "out of memory: {needed} bytes needed, {free} free of {arena} (largest block {largest}); give a larger arena or close a connection") \
    ETLS_ERROR(TOO_MANY_HANDLES, -6, -1, "too many connections and contexts at once: {limit} are allowed; close one first") \
    ETLS_ERROR(BAD_STATE, -7, -1, "this cannot be done now: {detail}")                            \
    ETLS_ERROR(NO_ENTROPY, -8, -1, "no randomness: source {source} gave {bits} of the {wanted} bits that are needed, so no connection can be safe; check the source") \
    ETLS_ERROR(NO_CLOCK, -9, -1, "the clock is not set (it says {now}), so certificate dates cannot be checked; set it first, for example with SNTP") \
    ETLS_ERROR(NO_TRUST_ANCHOR, -10, -1, "no trust anchor: give the CA certificate that issued the server's chain as option ca") \
    ETLS_ERROR(NO_HOST_NAME, -11, -1, "no host name to check the certificate against: give option servername or host") \
    ETLS_ERROR(BAD_HOST_NAME, -12, -1, "not a host name or IP address: {host}")                   \
    ETLS_ERROR(BAD_ARENA, -13, -1, "the arena is too small or not aligned: at least {needed} bytes, at an address divisible by 8") \
    ETLS_ERROR(UNSUPPORTED, -14, -1, "not part of this build's profile: {detail}")                \
    ETLS_ERROR(BAD_OPTION, -15, -1, "unknown option or value out of its range: {detail}")         \
    ETLS_ERROR(INTERNAL, -16, 80, "internal error (Mbed TLS {mbedtls}); please report it with what led to it") \
    ETLS_ERROR(ENTROPY_FAILED, -17, 80, "randomness cannot be trusted: source {source} failed its {test} test at sample {samples}; restart, and replace the source if it happens again") \
    /* Loading certificates and keys */                                                           \
    ETLS_ERROR(BAD_CERTIFICATE, -20, -1, "{item} is not a certificate that can be used: {detail}") \
    ETLS_ERROR(BAD_KEY, -21, -1, "{item} is not a private key that can be used: {detail}")        \
    ETLS_ERROR(KEY_MISMATCH, -22, -1, "the private key does not belong to the certificate {subject}; load the pair that was made together") \
    ETLS_ERROR(NO_CERTIFICATE, -23, -1, "a server needs a certificate and its private key: give options cert and key") \
    ETLS_ERROR(BAD_IMAGE, -25, -1, "the image of the native core is damaged: {detail}; install it again") \
    ETLS_ERROR(IMAGE_VERSION, -26, -1, "the image of the native core does not fit these modules: {detail}; install both from the same release") \
    ETLS_ERROR(SESSION_DAMAGED, -30, -1, "the saved session is none, or was cut off or changed; it is not used")   \
    ETLS_ERROR(SESSION_CHANGED, -31, -1, "the saved session belongs to another host, ca, cert or policy than {host} has now; it is not used") \
    ETLS_ERROR(SESSION_EXPIRED, -32, -1, "the saved session has expired; it is not used")          \
    ETLS_ERROR(BAD_ALPN, -24, -1, "ALPN protocol names have 1 to 255 bytes each: {detail}")       \
    ETLS_ERROR(BAD_BUNDLE, -27, -1, "{item} is not a trust bundle that can be used: {detail}")    \
    /* Protocol */                                                                                \
    ETLS_ERROR(NOT_TLS, -40, 10, "the peer does not speak TLS: its first bytes are {bytes}; check the port") \
    ETLS_ERROR(RECORD_TOO_LARGE, -41, 22, "the peer sent a record of {needed} bytes, {limit} are allowed") \
    ETLS_ERROR(BAD_RECORD_MAC, -42, 20, "a record was changed on its way or sent with the wrong key") \
    ETLS_ERROR(UNEXPECTED_MESSAGE, -43, 10, "the peer sent a message that is not allowed at this point") \
    ETLS_ERROR(DECODE_ERROR, -44, 50, "the peer sent a message that cannot be parsed")            \
    ETLS_ERROR(ILLEGAL_PARAMETER, -45, 47, "the peer chose a value that was not offered or is not allowed") \
    ETLS_ERROR(HANDSHAKE_FAILURE, -46, 40, "no common cipher suite, group or signature algorithm with the peer") \
    ETLS_ERROR(PROTOCOL_VERSION, -47, 70, "no common TLS version with the peer: this end allows {versions}") \
    ETLS_ERROR(NO_APPLICATION_PROTOCOL, -48, 120, "no common ALPN protocol with the peer")        \
    ETLS_ERROR(BAD_SIGNATURE, -49, 51, "the peer's signature over the handshake is wrong: it does not hold the certificate's private key, or data was changed") \
    ETLS_ERROR(DECRYPT_ERROR, -50, 51, "the peer's Finished message is wrong: handshake data was changed on the way") \
    ETLS_ERROR(TRUNCATED, -51, -1, "the connection ended without a close_notify alert: data may be missing at its end") \
    ETLS_ERROR(CONNECTION_CLOSED, -52, -1, "the peer closed the connection during the handshake ({phase})") \
    ETLS_ERROR(UNSUPPORTED_EXTENSION, -54, 110, "the peer answered with an extension that was not offered") \
    ETLS_ERROR(MISSING_EXTENSION, -55, 109, "the peer left out an extension that is required")    \
    ETLS_ERROR(COUNTER_WRAP, -56, -1, "too many records on one connection; open a new one")       \
    ETLS_ERROR(UNRECOGNIZED_NAME, -57, 112, "the server does not know the name {host}")           \
    ETLS_ERROR(RENEGOTIATION, -58, 100, "the peer asked for renegotiation, which is refused")     \
    /* Certificates of the peer */                                                                \
    ETLS_ERROR(CERT_EXPIRED, -60, 45, "certificate expired {ago} ago: {subject}, notAfter {notAfter}; the clock says {now}") \
    ETLS_ERROR(CERT_NOT_YET_VALID, -61, 42, "certificate is not valid for another {ahead}: {subject}, notBefore {notBefore}; the clock says {now}; check the clock") \
    ETLS_ERROR(CERT_NAME_MISMATCH, -62, 42, "certificate is not for {host}: {subject} is valid for {san}") \
    ETLS_ERROR(CERT_NO_SAN, -63, 42, "certificate names no host in a subjectAltName, and the common name does not count (RFC 9525): {subject}; the server needs a new certificate") \
    ETLS_ERROR(CERT_UNKNOWN_ISSUER, -64, 48, "certificate was issued by {issuer}, which leads to no certificate in ca: {subject}; load the root of that chain as ca") \
    ETLS_ERROR(CERT_SELF_SIGNED, -65, 48, "certificate is self-signed and not in ca: {subject}; load it as ca if you trust it (SHA-256 {fingerprint})") \
    ETLS_ERROR(CERT_MISSING_INTERMEDIATE, -66, 48, "the server sent only its own certificate {subject}, issued by {issuer}, which is not in ca; the server should send the intermediate, or load it as ca") \
    ETLS_ERROR(CERT_KEY_USAGE, -67, 43, "certificate's keyUsage does not allow this use: {subject} ({usage})") \
    ETLS_ERROR(CERT_EXT_KEY_USAGE, -68, 43, "certificate's extendedKeyUsage does not allow this use: {subject} ({usage})") \
    ETLS_ERROR(CERT_WEAK_KEY, -69, 43, "certificate's key is too weak or of a kind not accepted: {subject} has {key}; RSA needs 2048 bits, EC one of P-256 and P-384") \
    ETLS_ERROR(CERT_SHA1, -70, 42, "certificate is signed with SHA-1, which can be forged: {subject}; the server needs a new certificate") \
    ETLS_ERROR(CERT_MD5, -71, 42, "certificate is signed with MD5, which can be forged: {subject}; the server needs a new certificate") \
    ETLS_ERROR(CERT_SIGNATURE_ALGORITHM, -72, 42, "certificate is signed with an algorithm that is not accepted: {subject} ({algorithm})") \
    ETLS_ERROR(CERT_CA_AS_LEAF, -75, 42, "the peer uses a CA certificate as its own: {subject}; load exactly this certificate as ca if you trust it") \
    ETLS_ERROR(CERT_MALFORMED, -76, 42, "a certificate of the peer is damaged, or has a critical extension that is not known: {subject} (Mbed TLS {mbedtls})")   \
    ETLS_ERROR(CERT_CHAIN_TOO_LONG, -77, 48, "the peer's chain has more than {limit} certificates") \
    ETLS_ERROR(CERT_MISSING, -79, 116, "the peer sent no certificate, and one is required")       \
    ETLS_ERROR(CERT_NOT_CA, -81, 48, "certificate signs others but is no CA's (basicConstraints): {subject}; the server needs a certificate from a CA") \
    ETLS_ERROR(CERT_PATH_LENGTH, -82, 48, "certificate has more authorities between itself and its root than one of them allows: {subject}, issued by {issuer}") \
    ETLS_ERROR(CERT_NAME_CONSTRAINTS, -83, 42, "certificate names a host that one of its issuers may not issue for (nameConstraints): {subject} is for {san}") \
    ETLS_ERROR(CERT_COMMON_NAME, -84, 42, "certificate's common name is a host that its subjectAltName does not have: {subject} is valid for {san}; the server needs a new certificate") \
    ETLS_ERROR(CERT_PROFILE, -85, 42, "certificate breaks a rule of RFC 5280 section 4 about its {rule}: {subject}; the server needs a new certificate") \
    ETLS_ERROR(CERT_PIN_MISMATCH, -86, -1, "the peer's public key is none of pinnedPubkey: {subject} has {pin}; it has a new key, or is somebody else") \
    ETLS_ERROR(CERT_REJECTED, -80, 46, "certificate was not accepted: {subject} ({flags})")       \
    /* Transport and use, raised in JavaScript */                                                 \
    ETLS_ERROR(CONNECT_FAILED, -90, -1, "could not connect to {host}:{port}: {detail}")           \
    ETLS_ERROR(TIMEOUT, -91, -1, "no answer from {host} for {ms} ms ({phase})")                   \
    ETLS_ERROR(TRANSPORT, -92, -1, "the connection to {host} broke: {detail}")                    \
    ETLS_ERROR(CLOSED, -93, -1, "the socket is closed, nothing more can be written")              \
    ETLS_ERROR(CORE_FAILED, -94, -1, "the native core could not be started: {detail}")

/*
 *   ETLS_FLAG(name, bit): why a certificate was refused, several at once. The first bits are Mbed TLS's own
 *   (MBEDTLS_X509_BADCERT_*, checked at build time), the last ones come from native/src/path.c.
 */
#define ETLS_FLAGS(ETLS_FLAG)                                                                     \
    ETLS_FLAG(EXPIRED, 0x01)                                                                      \
    ETLS_FLAG(REVOKED, 0x02)                                                                      \
    ETLS_FLAG(CN_MISMATCH, 0x04)                                                                  \
    ETLS_FLAG(NOT_TRUSTED, 0x08)                                                                  \
    ETLS_FLAG(MISSING, 0x40)                                                                      \
    ETLS_FLAG(SKIP_VERIFY, 0x80)                                                                  \
    ETLS_FLAG(OTHER, 0x0100)                                                                      \
    ETLS_FLAG(FUTURE, 0x0200)                                                                     \
    ETLS_FLAG(KEY_USAGE, 0x0800)                                                                  \
    ETLS_FLAG(EXT_KEY_USAGE, 0x1000)                                                              \
    ETLS_FLAG(NS_CERT_TYPE, 0x2000)                                                               \
    ETLS_FLAG(BAD_MD, 0x4000)                                                                     \
    ETLS_FLAG(BAD_PK, 0x8000)                                                                     \
    ETLS_FLAG(BAD_KEY, 0x010000)                                                                  \
    ETLS_FLAG(NOT_CA, 0x100000)                                                                   \
    ETLS_FLAG(PATH_LENGTH, 0x200000)                                                              \
    ETLS_FLAG(NAME_CONSTRAINTS, 0x400000)                                                         \
    ETLS_FLAG(PROFILE, 0x800000)                                                                  \
    ETLS_FLAG(COMMON_NAME, 0x40000000)                                                            \
    ETLS_FLAG(NO_SAN, 0x01000000)                                                                 \
    ETLS_FLAG(CA_AS_LEAF, 0x02000000)                                                             \
    ETLS_FLAG(SELF_SIGNED, 0x04000000)                                                            \
    ETLS_FLAG(NO_INTERMEDIATE, 0x08000000)                                                        \
    ETLS_FLAG(SHA1, 0x10000000)                                                                   \
    ETLS_FLAG(MD5, 0x20000000)

/*
 *   ETLS_ALERT(name, number, hint): RFC 8446 section 6 and its forerunners. A fatal alert n from the
 *   peer is the error -1000 - n, named ETLS_ALERT_<name>.
 */
#define ETLS_ALERTS(ETLS_ALERT)                                                                   \
    ETLS_ALERT(CLOSE_NOTIFY, 0, "it closed the connection") \
    ETLS_ALERT(UNEXPECTED_MESSAGE, 10, "it did not expect this message") \
    ETLS_ALERT(BAD_RECORD_MAC, 20, "a record was changed on its way") \
    ETLS_ALERT(RECORD_OVERFLOW, 22, "a record was too long for it") \
    ETLS_ALERT(HANDSHAKE_FAILURE, 40, "no common cipher suite or group, a missing client certificate, or the wrong server name") \
    ETLS_ALERT(BAD_CERTIFICATE, 42, "it could not use our certificate") \
    ETLS_ALERT(UNSUPPORTED_CERTIFICATE, 43, "it does not take certificates of this type") \
    ETLS_ALERT(CERTIFICATE_REVOKED, 44, "our certificate was revoked") \
    ETLS_ALERT(CERTIFICATE_EXPIRED, 45, "our certificate has expired, or the clock of one side is wrong") \
    ETLS_ALERT(CERTIFICATE_UNKNOWN, 46, "it did not accept our certificate") \
    ETLS_ALERT(ILLEGAL_PARAMETER, 47, "it found a value not allowed") \
    ETLS_ALERT(UNKNOWN_CA, 48, "it does not know who issued our certificate") \
    ETLS_ALERT(ACCESS_DENIED, 49, "our certificate is good but not allowed here") \
    ETLS_ALERT(DECODE_ERROR, 50, "it could not parse a message") \
    ETLS_ALERT(DECRYPT_ERROR, 51, "a signature or Finished message was wrong") \
    ETLS_ALERT(PROTOCOL_VERSION, 70, "no common TLS version") \
    ETLS_ALERT(INSUFFICIENT_SECURITY, 71, "it wants stronger algorithms") \
    ETLS_ALERT(INTERNAL_ERROR, 80, "it failed for reasons of its own") \
    ETLS_ALERT(INAPPROPRIATE_FALLBACK, 86, "a lower version was tried than both sides have") \
    ETLS_ALERT(USER_CANCELED, 90, "it was cancelled") \
    ETLS_ALERT(NO_RENEGOTIATION, 100, "it does not renegotiate") \
    ETLS_ALERT(MISSING_EXTENSION, 109, "it misses an extension") \
    ETLS_ALERT(UNSUPPORTED_EXTENSION, 110, "it was sent an extension it did not ask for") \
    ETLS_ALERT(UNRECOGNIZED_NAME, 112, "it does not know the server name that was asked for") \
    ETLS_ALERT(BAD_CERTIFICATE_STATUS_RESPONSE, 113, "it did not accept the OCSP response") \
    ETLS_ALERT(UNKNOWN_PSK_IDENTITY, 115, "it does not know the session") \
    ETLS_ALERT(CERTIFICATE_REQUIRED, 116, "it wants a client certificate: give options cert and key") \
    ETLS_ALERT(NO_APPLICATION_PROTOCOL, 120, "no common ALPN protocol")
/* clang-format on */

/** Error codes: `ETLS_ERR_<name>`. */
enum etls_error {
    ETLS_OK = 0,
#define ETLS_ERROR(name, code, alert, sentence) ETLS_ERR_##name = (code),
    ETLS_ERRORS(ETLS_ERROR)
#undef ETLS_ERROR
    ETLS_ERR_PEER_ALERT = -1000 /* minus the alert's number */
};

/** Certificate flags: `ETLS_FLAG_<name>`. */
enum etls_flag {
#define ETLS_FLAG(name, bit) ETLS_FLAG_##name = (bit),
    ETLS_FLAGS(ETLS_FLAG)
#undef ETLS_FLAG
};

#endif
