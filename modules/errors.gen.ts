// SPDX-License-Identifier: Apache-2.0
// Written by native/tools/generate.mjs from native/include/etls_errors.h; do not edit.

/**
 * The error table: codes, names and sentences.
 *
 * @module
 */

/** an argument is out of range: {detail} */
export const ERR_BAD_ARGUMENT = -1;
/** the memory arena was moved or overwritten: restart and leave its memory alone */
export const ERR_BAD_CORE = -2;
/** not a handle of this kind: it was never given out or belongs to something else */
export const ERR_BAD_HANDLE = -3;
/** this connection or context was freed already */
export const ERR_STALE_HANDLE = -4;
/** out of memory: {needed} bytes needed, {free} free of {arena} (largest block {largest}); give a larger arena or close a connection */
export const ERR_OUT_OF_MEMORY = -5;
/** too many connections and contexts at once: {limit} are allowed; close one first */
export const ERR_TOO_MANY_HANDLES = -6;
/** this cannot be done now: {detail} */
export const ERR_BAD_STATE = -7;
/** no randomness: source {source} gave {bits} of the {wanted} bits that are needed, so no connection can be safe; check the source */
export const ERR_NO_ENTROPY = -8;
/** the clock is not set (it says {now}), so certificate dates cannot be checked; set it first, for example with SNTP */
export const ERR_NO_CLOCK = -9;
/** no trust anchor: give the CA certificate that issued the server's chain as option ca */
export const ERR_NO_TRUST_ANCHOR = -10;
/** no host name to check the certificate against: give option servername or host */
export const ERR_NO_HOST_NAME = -11;
/** not a host name or IP address: {host} */
export const ERR_BAD_HOST_NAME = -12;
/** the arena is too small or not aligned: at least {needed} bytes, at an address divisible by 8 */
export const ERR_BAD_ARENA = -13;
/** not part of this build's profile: {detail} */
export const ERR_UNSUPPORTED = -14;
/** unknown option or value out of its range: {detail} */
export const ERR_BAD_OPTION = -15;
/** internal error (Mbed TLS {mbedtls}); please report it with what led to it */
export const ERR_INTERNAL = -16;
/** randomness cannot be trusted: source {source} failed its {test} test at sample {samples}; restart, and replace the source if it happens again */
export const ERR_ENTROPY_FAILED = -17;
/** {item} is not a certificate that can be used: {detail} */
export const ERR_BAD_CERTIFICATE = -20;
/** {item} is not a private key that can be used: {detail} */
export const ERR_BAD_KEY = -21;
/** the private key does not belong to the certificate {subject}; load the pair that was made together */
export const ERR_KEY_MISMATCH = -22;
/** a server needs a certificate and its private key: give options cert and key */
export const ERR_NO_CERTIFICATE = -23;
/** the image of the native core is damaged: {detail}; install it again */
export const ERR_BAD_IMAGE = -25;
/** the image of the native core does not fit these modules: {detail}; install both from the same release */
export const ERR_IMAGE_VERSION = -26;
/** the saved session is none, or was cut off or changed; it is not used */
export const ERR_SESSION_DAMAGED = -30;
/** the saved session belongs to another host, ca, cert or policy than {host} has now; it is not used */
export const ERR_SESSION_CHANGED = -31;
/** the saved session has expired; it is not used */
export const ERR_SESSION_EXPIRED = -32;
/** ALPN protocol names have 1 to 255 bytes each: {detail} */
export const ERR_BAD_ALPN = -24;
/** {item} is not a trust bundle that can be used: {detail} */
export const ERR_BAD_BUNDLE = -27;
/** the peer does not speak TLS: its first bytes are {bytes}; check the port */
export const ERR_NOT_TLS = -40;
/** the peer sent a record of {needed} bytes, {limit} are allowed */
export const ERR_RECORD_TOO_LARGE = -41;
/** a record was changed on its way or sent with the wrong key */
export const ERR_BAD_RECORD_MAC = -42;
/** the peer sent a message that is not allowed at this point */
export const ERR_UNEXPECTED_MESSAGE = -43;
/** the peer sent a message that cannot be parsed */
export const ERR_DECODE_ERROR = -44;
/** the peer chose a value that was not offered or is not allowed */
export const ERR_ILLEGAL_PARAMETER = -45;
/** no common cipher suite, group or signature algorithm with the peer */
export const ERR_HANDSHAKE_FAILURE = -46;
/** no common TLS version with the peer: this end allows {versions} */
export const ERR_PROTOCOL_VERSION = -47;
/** no common ALPN protocol with the peer */
export const ERR_NO_APPLICATION_PROTOCOL = -48;
/** the peer's signature over the handshake is wrong: it does not hold the certificate's private key, or data was changed */
export const ERR_BAD_SIGNATURE = -49;
/** the peer's Finished message is wrong: handshake data was changed on the way */
export const ERR_DECRYPT_ERROR = -50;
/** the connection ended without a close_notify alert: data may be missing at its end */
export const ERR_TRUNCATED = -51;
/** the peer closed the connection during the handshake ({phase}) */
export const ERR_CONNECTION_CLOSED = -52;
/** the peer answered with an extension that was not offered */
export const ERR_UNSUPPORTED_EXTENSION = -54;
/** the peer left out an extension that is required */
export const ERR_MISSING_EXTENSION = -55;
/** too many records on one connection; open a new one */
export const ERR_COUNTER_WRAP = -56;
/** the server does not know the name {host} */
export const ERR_UNRECOGNIZED_NAME = -57;
/** the peer asked for renegotiation, which is refused */
export const ERR_RENEGOTIATION = -58;
/** certificate expired {ago} ago: {subject}, notAfter {notAfter}; the clock says {now} */
export const ERR_CERT_EXPIRED = -60;
/** certificate is not valid for another {ahead}: {subject}, notBefore {notBefore}; the clock says {now}; check the clock */
export const ERR_CERT_NOT_YET_VALID = -61;
/** certificate is not for {host}: {subject} is valid for {san} */
export const ERR_CERT_NAME_MISMATCH = -62;
/** certificate names no host in a subjectAltName, and the common name does not count (RFC 9525): {subject}; the server needs a new certificate */
export const ERR_CERT_NO_SAN = -63;
/** certificate was issued by {issuer}, which leads to no certificate in ca: {subject}; load the root of that chain as ca */
export const ERR_CERT_UNKNOWN_ISSUER = -64;
/** certificate is self-signed and not in ca: {subject}; load it as ca if you trust it (SHA-256 {fingerprint}) */
export const ERR_CERT_SELF_SIGNED = -65;
/** the server sent only its own certificate {subject}, issued by {issuer}, which is not in ca; the server should send the intermediate, or load it as ca */
export const ERR_CERT_MISSING_INTERMEDIATE = -66;
/** certificate's keyUsage does not allow this use: {subject} ({usage}) */
export const ERR_CERT_KEY_USAGE = -67;
/** certificate's extendedKeyUsage does not allow this use: {subject} ({usage}) */
export const ERR_CERT_EXT_KEY_USAGE = -68;
/** certificate's key is too weak or of a kind not accepted: {subject} has {key}; RSA needs 2048 bits, EC one of P-256 and P-384 */
export const ERR_CERT_WEAK_KEY = -69;
/** certificate is signed with SHA-1, which can be forged: {subject}; the server needs a new certificate */
export const ERR_CERT_SHA1 = -70;
/** certificate is signed with MD5, which can be forged: {subject}; the server needs a new certificate */
export const ERR_CERT_MD5 = -71;
/** certificate is signed with an algorithm that is not accepted: {subject} ({algorithm}) */
export const ERR_CERT_SIGNATURE_ALGORITHM = -72;
/** the peer uses a CA certificate as its own: {subject}; load exactly this certificate as ca if you trust it */
export const ERR_CERT_CA_AS_LEAF = -75;
/** a certificate of the peer is damaged, or has a critical extension that is not known: {subject} (Mbed TLS {mbedtls}) */
export const ERR_CERT_MALFORMED = -76;
/** the peer's chain has more than {limit} certificates */
export const ERR_CERT_CHAIN_TOO_LONG = -77;
/** the peer sent no certificate, and one is required */
export const ERR_CERT_MISSING = -79;
/** certificate signs others but is no CA's (basicConstraints): {subject}; the server needs a certificate from a CA */
export const ERR_CERT_NOT_CA = -81;
/** certificate has more authorities between itself and its root than one of them allows: {subject}, issued by {issuer} */
export const ERR_CERT_PATH_LENGTH = -82;
/** certificate names a host that one of its issuers may not issue for (nameConstraints): {subject} is for {san} */
export const ERR_CERT_NAME_CONSTRAINTS = -83;
/** certificate's common name is a host that its subjectAltName does not have: {subject} is valid for {san}; the server needs a new certificate */
export const ERR_CERT_COMMON_NAME = -84;
/** certificate breaks a rule of RFC 5280 section 4 about its {rule}: {subject}; the server needs a new certificate */
export const ERR_CERT_PROFILE = -85;
/** the peer's public key is none of pinnedPubkey: {subject} has {pin}; it has a new key, or is somebody else */
export const ERR_CERT_PIN_MISMATCH = -86;
/** certificate was not accepted: {subject} ({flags}) */
export const ERR_CERT_REJECTED = -80;
/** could not connect to {host}:{port}: {detail} */
export const ERR_CONNECT_FAILED = -90;
/** no answer from {host} for {ms} ms ({phase}) */
export const ERR_TIMEOUT = -91;
/** the connection to {host} broke: {detail} */
export const ERR_TRANSPORT = -92;
/** the socket is closed, nothing more can be written */
export const ERR_CLOSED = -93;
/** the native core could not be started: {detail} */
export const ERR_CORE_FAILED = -94;

/** A fatal alert n of the peer is the error `ERR_PEER_ALERT - n`. */
export const ERR_PEER_ALERT = -1000;

/** Names and sentences by code; {values} are filled in when an error is made. */
export const ERRORS: { [code: number]: [name: string, sentence: string] | undefined } = {
    "-1": ["BAD_ARGUMENT", "an argument is out of range: {detail}"],
    "-2": ["BAD_CORE", "the memory arena was moved or overwritten: restart and leave its memory alone"],
    "-3": ["BAD_HANDLE", "not a handle of this kind: it was never given out or belongs to something else"],
    "-4": ["STALE_HANDLE", "this connection or context was freed already"],
    "-5": ["OUT_OF_MEMORY", "out of memory: {needed} bytes needed, {free} free of {arena} (largest block {largest}); give a larger arena or close a connection"],
    "-6": ["TOO_MANY_HANDLES", "too many connections and contexts at once: {limit} are allowed; close one first"],
    "-7": ["BAD_STATE", "this cannot be done now: {detail}"],
    "-8": ["NO_ENTROPY", "no randomness: source {source} gave {bits} of the {wanted} bits that are needed, so no connection can be safe; check the source"],
    "-9": ["NO_CLOCK", "the clock is not set (it says {now}), so certificate dates cannot be checked; set it first, for example with SNTP"],
    "-10": ["NO_TRUST_ANCHOR", "no trust anchor: give the CA certificate that issued the server's chain as option ca"],
    "-11": ["NO_HOST_NAME", "no host name to check the certificate against: give option servername or host"],
    "-12": ["BAD_HOST_NAME", "not a host name or IP address: {host}"],
    "-13": ["BAD_ARENA", "the arena is too small or not aligned: at least {needed} bytes, at an address divisible by 8"],
    "-14": ["UNSUPPORTED", "not part of this build's profile: {detail}"],
    "-15": ["BAD_OPTION", "unknown option or value out of its range: {detail}"],
    "-16": ["INTERNAL", "internal error (Mbed TLS {mbedtls}); please report it with what led to it"],
    "-17": ["ENTROPY_FAILED", "randomness cannot be trusted: source {source} failed its {test} test at sample {samples}; restart, and replace the source if it happens again"],
    "-20": ["BAD_CERTIFICATE", "{item} is not a certificate that can be used: {detail}"],
    "-21": ["BAD_KEY", "{item} is not a private key that can be used: {detail}"],
    "-22": ["KEY_MISMATCH", "the private key does not belong to the certificate {subject}; load the pair that was made together"],
    "-23": ["NO_CERTIFICATE", "a server needs a certificate and its private key: give options cert and key"],
    "-25": ["BAD_IMAGE", "the image of the native core is damaged: {detail}; install it again"],
    "-26": ["IMAGE_VERSION", "the image of the native core does not fit these modules: {detail}; install both from the same release"],
    "-30": ["SESSION_DAMAGED", "the saved session is none, or was cut off or changed; it is not used"],
    "-31": ["SESSION_CHANGED", "the saved session belongs to another host, ca, cert or policy than {host} has now; it is not used"],
    "-32": ["SESSION_EXPIRED", "the saved session has expired; it is not used"],
    "-24": ["BAD_ALPN", "ALPN protocol names have 1 to 255 bytes each: {detail}"],
    "-27": ["BAD_BUNDLE", "{item} is not a trust bundle that can be used: {detail}"],
    "-40": ["NOT_TLS", "the peer does not speak TLS: its first bytes are {bytes}; check the port"],
    "-41": ["RECORD_TOO_LARGE", "the peer sent a record of {needed} bytes, {limit} are allowed"],
    "-42": ["BAD_RECORD_MAC", "a record was changed on its way or sent with the wrong key"],
    "-43": ["UNEXPECTED_MESSAGE", "the peer sent a message that is not allowed at this point"],
    "-44": ["DECODE_ERROR", "the peer sent a message that cannot be parsed"],
    "-45": ["ILLEGAL_PARAMETER", "the peer chose a value that was not offered or is not allowed"],
    "-46": ["HANDSHAKE_FAILURE", "no common cipher suite, group or signature algorithm with the peer"],
    "-47": ["PROTOCOL_VERSION", "no common TLS version with the peer: this end allows {versions}"],
    "-48": ["NO_APPLICATION_PROTOCOL", "no common ALPN protocol with the peer"],
    "-49": ["BAD_SIGNATURE", "the peer's signature over the handshake is wrong: it does not hold the certificate's private key, or data was changed"],
    "-50": ["DECRYPT_ERROR", "the peer's Finished message is wrong: handshake data was changed on the way"],
    "-51": ["TRUNCATED", "the connection ended without a close_notify alert: data may be missing at its end"],
    "-52": ["CONNECTION_CLOSED", "the peer closed the connection during the handshake ({phase})"],
    "-54": ["UNSUPPORTED_EXTENSION", "the peer answered with an extension that was not offered"],
    "-55": ["MISSING_EXTENSION", "the peer left out an extension that is required"],
    "-56": ["COUNTER_WRAP", "too many records on one connection; open a new one"],
    "-57": ["UNRECOGNIZED_NAME", "the server does not know the name {host}"],
    "-58": ["RENEGOTIATION", "the peer asked for renegotiation, which is refused"],
    "-60": ["CERT_EXPIRED", "certificate expired {ago} ago: {subject}, notAfter {notAfter}; the clock says {now}"],
    "-61": ["CERT_NOT_YET_VALID", "certificate is not valid for another {ahead}: {subject}, notBefore {notBefore}; the clock says {now}; check the clock"],
    "-62": ["CERT_NAME_MISMATCH", "certificate is not for {host}: {subject} is valid for {san}"],
    "-63": ["CERT_NO_SAN", "certificate names no host in a subjectAltName, and the common name does not count (RFC 9525): {subject}; the server needs a new certificate"],
    "-64": ["CERT_UNKNOWN_ISSUER", "certificate was issued by {issuer}, which leads to no certificate in ca: {subject}; load the root of that chain as ca"],
    "-65": ["CERT_SELF_SIGNED", "certificate is self-signed and not in ca: {subject}; load it as ca if you trust it (SHA-256 {fingerprint})"],
    "-66": ["CERT_MISSING_INTERMEDIATE", "the server sent only its own certificate {subject}, issued by {issuer}, which is not in ca; the server should send the intermediate, or load it as ca"],
    "-67": ["CERT_KEY_USAGE", "certificate's keyUsage does not allow this use: {subject} ({usage})"],
    "-68": ["CERT_EXT_KEY_USAGE", "certificate's extendedKeyUsage does not allow this use: {subject} ({usage})"],
    "-69": ["CERT_WEAK_KEY", "certificate's key is too weak or of a kind not accepted: {subject} has {key}; RSA needs 2048 bits, EC one of P-256 and P-384"],
    "-70": ["CERT_SHA1", "certificate is signed with SHA-1, which can be forged: {subject}; the server needs a new certificate"],
    "-71": ["CERT_MD5", "certificate is signed with MD5, which can be forged: {subject}; the server needs a new certificate"],
    "-72": ["CERT_SIGNATURE_ALGORITHM", "certificate is signed with an algorithm that is not accepted: {subject} ({algorithm})"],
    "-75": ["CERT_CA_AS_LEAF", "the peer uses a CA certificate as its own: {subject}; load exactly this certificate as ca if you trust it"],
    "-76": ["CERT_MALFORMED", "a certificate of the peer is damaged, or has a critical extension that is not known: {subject} (Mbed TLS {mbedtls})"],
    "-77": ["CERT_CHAIN_TOO_LONG", "the peer's chain has more than {limit} certificates"],
    "-79": ["CERT_MISSING", "the peer sent no certificate, and one is required"],
    "-81": ["CERT_NOT_CA", "certificate signs others but is no CA's (basicConstraints): {subject}; the server needs a certificate from a CA"],
    "-82": ["CERT_PATH_LENGTH", "certificate has more authorities between itself and its root than one of them allows: {subject}, issued by {issuer}"],
    "-83": ["CERT_NAME_CONSTRAINTS", "certificate names a host that one of its issuers may not issue for (nameConstraints): {subject} is for {san}"],
    "-84": ["CERT_COMMON_NAME", "certificate's common name is a host that its subjectAltName does not have: {subject} is valid for {san}; the server needs a new certificate"],
    "-85": ["CERT_PROFILE", "certificate breaks a rule of RFC 5280 section 4 about its {rule}: {subject}; the server needs a new certificate"],
    "-86": ["CERT_PIN_MISMATCH", "the peer's public key is none of pinnedPubkey: {subject} has {pin}; it has a new key, or is somebody else"],
    "-80": ["CERT_REJECTED", "certificate was not accepted: {subject} ({flags})"],
    "-90": ["CONNECT_FAILED", "could not connect to {host}:{port}: {detail}"],
    "-91": ["TIMEOUT", "no answer from {host} for {ms} ms ({phase})"],
    "-92": ["TRANSPORT", "the connection to {host} broke: {detail}"],
    "-93": ["CLOSED", "the socket is closed, nothing more can be written"],
    "-94": ["CORE_FAILED", "the native core could not be started: {detail}"],
};

/** Names of alerts by number (RFC 8446 section 6), and what they mostly mean. */
export const ALERTS: { [alert: number]: [name: string, hint: string] | undefined } = {
    "0": ["CLOSE_NOTIFY", "it closed the connection"],
    "10": ["UNEXPECTED_MESSAGE", "it did not expect this message"],
    "20": ["BAD_RECORD_MAC", "a record was changed on its way"],
    "22": ["RECORD_OVERFLOW", "a record was too long for it"],
    "40": ["HANDSHAKE_FAILURE", "no common cipher suite or group, a missing client certificate, or the wrong server name"],
    "42": ["BAD_CERTIFICATE", "it could not use our certificate"],
    "43": ["UNSUPPORTED_CERTIFICATE", "it does not take certificates of this type"],
    "44": ["CERTIFICATE_REVOKED", "our certificate was revoked"],
    "45": ["CERTIFICATE_EXPIRED", "our certificate has expired, or the clock of one side is wrong"],
    "46": ["CERTIFICATE_UNKNOWN", "it did not accept our certificate"],
    "47": ["ILLEGAL_PARAMETER", "it found a value not allowed"],
    "48": ["UNKNOWN_CA", "it does not know who issued our certificate"],
    "49": ["ACCESS_DENIED", "our certificate is good but not allowed here"],
    "50": ["DECODE_ERROR", "it could not parse a message"],
    "51": ["DECRYPT_ERROR", "a signature or Finished message was wrong"],
    "70": ["PROTOCOL_VERSION", "no common TLS version"],
    "71": ["INSUFFICIENT_SECURITY", "it wants stronger algorithms"],
    "80": ["INTERNAL_ERROR", "it failed for reasons of its own"],
    "86": ["INAPPROPRIATE_FALLBACK", "a lower version was tried than both sides have"],
    "90": ["USER_CANCELED", "it was cancelled"],
    "100": ["NO_RENEGOTIATION", "it does not renegotiate"],
    "109": ["MISSING_EXTENSION", "it misses an extension"],
    "110": ["UNSUPPORTED_EXTENSION", "it was sent an extension it did not ask for"],
    "112": ["UNRECOGNIZED_NAME", "it does not know the server name that was asked for"],
    "113": ["BAD_CERTIFICATE_STATUS_RESPONSE", "it did not accept the OCSP response"],
    "115": ["UNKNOWN_PSK_IDENTITY", "it does not know the session"],
    "116": ["CERTIFICATE_REQUIRED", "it wants a client certificate: give options cert and key"],
    "120": ["NO_APPLICATION_PROTOCOL", "no common ALPN protocol"],
};

/** Names and bits of the reasons why a certificate was refused. */
export const FLAGS: [name: string, bit: number][] = [
    ["EXPIRED", 0x01],
    ["REVOKED", 0x02],
    ["CN_MISMATCH", 0x04],
    ["NOT_TRUSTED", 0x08],
    ["MISSING", 0x40],
    ["SKIP_VERIFY", 0x80],
    ["OTHER", 0x0100],
    ["FUTURE", 0x0200],
    ["KEY_USAGE", 0x0800],
    ["EXT_KEY_USAGE", 0x1000],
    ["NS_CERT_TYPE", 0x2000],
    ["BAD_MD", 0x4000],
    ["BAD_PK", 0x8000],
    ["BAD_KEY", 0x010000],
    ["NOT_CA", 0x100000],
    ["PATH_LENGTH", 0x200000],
    ["NAME_CONSTRAINTS", 0x400000],
    ["PROFILE", 0x800000],
    ["COMMON_NAME", 0x40000000],
    ["NO_SAN", 0x01000000],
    ["CA_AS_LEAF", 0x02000000],
    ["SELF_SIGNED", 0x04000000],
    ["NO_INTERMEDIATE", 0x08000000],
    ["SHA1", 0x10000000],
    ["MD5", 0x20000000],
];
