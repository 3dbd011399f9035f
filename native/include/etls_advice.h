/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Cause and cure of each error, for people: the second half of the error table. Nothing compiles
 * it, so that no board carries it; `native/tools/generate.mjs` joins it with etls_errors.h into
 * docs/ERRORS.md, and refuses to when an error has no row here.
 *
 *   ETLS_ADVICE(name, cause, cure)
 *
 * name   as in ETLS_ERRORS, or the name of an error that JavaScript alone raises (the last part).
 * cause  what is behind it, mostly.
 * cure   what to do about it.
 */
#ifndef ETLS_ADVICE_H
#define ETLS_ADVICE_H

/* clang-format off */
#define ETLS_ADVICES(ETLS_ADVICE)                                                                 \
    /* Use and resources */                                                                       \
    ETLS_ADVICE(BAD_ARGUMENT, "A call was given a value that it cannot take.", "Look at the value that the message names.") \
    ETLS_ADVICE(BAD_CORE, "The memory of the core was freed, moved or overwritten: on Espruino by `E.defrag()`, or because the variable that held it went out of scope.", "Keep the arena in one place (outside the heap of JavaScript, or pinned) and restart.") \
    ETLS_ADVICE(BAD_HANDLE, "A number that is no handle, or one of a session where a context is needed.", "Use what `etls_context_new` and `etls_session_new` returned, each for its own calls.") \
    ETLS_ADVICE(STALE_HANDLE, "Something is used after it was freed.", "Drop the reference when you free it; make a new connection.") \
    ETLS_ADVICE(OUT_OF_MEMORY, "The arena is smaller than this operation needs at its peak: mostly an RSA-4096 chain, a record of 16 KB, or too many connections at once.", "Give a larger arena (docs/MEMORY.md lists what each step takes), set `maxFragmentLength`, or close connections that are not needed.") \
    ETLS_ADVICE(TOO_MANY_HANDLES, "Connections or contexts are made and never closed.", "Close sockets; make one context and share it as `secureContext`.") \
    ETLS_ADVICE(BAD_STATE, "Calls in the wrong order, such as a write after the end.", "Look at the state that the message names.") \
    ETLS_ADVICE(NO_ENTROPY, "The noise source that the message names delivers nothing, or not enough yet.", "Without randomness no connection can be safe. Give it time after power-up and try again; check the source, or add a seed (docs/ENTROPY.md).") \
    ETLS_ADVICE(NO_CLOCK, "The board has no battery-backed clock and nobody has told it the time since power-up.", "Set it before you connect: `require(\"sntp\").sync(…)`, or `setTime(…)` with a time from GPS, a modem or a message. A time before the build of this library counts as not set.") \
    ETLS_ADVICE(NO_TRUST_ANCHOR, "There is no certificate to trust: no `ca`, and this host has no default roots.", "Give the root of the server's chain as `ca`; `espruino-tls ca fetch HOST` finds it.") \
    ETLS_ADVICE(NO_HOST_NAME, "A certificate is always checked against a name, and none was given.", "Give `host` or `servername`.") \
    ETLS_ADVICE(BAD_HOST_NAME, "The name is not one: a URL, a port behind it, a letter that is not allowed, or longer than 253 bytes.", "Give the bare name or address: `example.org`, `192.0.2.1`, `2001:db8::1`.") \
    ETLS_ADVICE(BAD_ARENA, "The block of memory is too small for the core itself, or not aligned.", "Give at least the bytes that the message names.") \
    ETLS_ADVICE(UNSUPPORTED, "The build was made without this, such as TLS 1.3, own certificates or saved sessions in profile `small`.", "Use the `full` profile, or do without.") \
    ETLS_ADVICE(BAD_OPTION, "A misspelt value, or one out of its range.", "Look at the option that the message names.") \
    ETLS_ADVICE(INTERNAL, "Something that should not happen.", "Please report it, with the number in the message.") \
    ETLS_ADVICE(ENTROPY_FAILED, "A noise source gives samples that a sound one would not give in 2^30 tries: it is stuck, repeats itself, or prefers one value. `tls.entropy()` shows what its tests have seen.", "Restart: the tests then begin anew. If it comes again, the source is broken or credited with more than it has (docs/ENTROPY.md).") \
    /* Loading certificates and keys */                                                           \
    ETLS_ADVICE(BAD_CERTIFICATE, "What was given as certificate is something else, or damaged: the message says which item, and what it looks like.", "Give a certificate as PEM, DER or base64. `espruino-tls ca fetch HOST` writes each form.") \
    ETLS_ADVICE(BAD_KEY, "What was given as key is something else, damaged, or encrypted.", "Give an unencrypted PKCS#8, PKCS#1 or SEC1 key; `openssl pkey -in key.pem -out plain.pem` decrypts one. On the desktop, option `passphrase` does.") \
    ETLS_ADVICE(KEY_MISMATCH, "Key and certificate are of two different pairs.", "Find the pair that was made together; `openssl x509 -noout -pubkey` and `openssl pkey -pubout` print the same for it.") \
    ETLS_ADVICE(NO_CERTIFICATE, "A server has to prove who it is.", "Give `cert` and `key`.") \
    ETLS_ADVICE(BAD_IMAGE, "The file on the board, or the one to be installed, is not whole: an interrupted write, or flash that something else wrote to.", "Install again; if it stays, look for what else writes there.") \
    ETLS_ADVICE(IMAGE_VERSION, "The image and the JavaScript modules are of two releases.", "Install both with the same version of `espruino-tls`.") \
    ETLS_ADVICE(BAD_ALPN, "An empty name, or one of more than 255 bytes.", "Give names such as `http/1.1` or `x-amzn-mqtt-ca`.") \
    ETLS_ADVICE(SESSION_DAMAGED, "What was given as `session` did not come from `getSession()` or a `session` event, or was cut off.", "Nothing: the handshake is a full one. Keep sessions as binary data.") \
    ETLS_ADVICE(SESSION_CHANGED, "Since the session was saved, the host, `ca`, `cert`, the versions allowed or `rejectUnauthorized` have changed, or the library.", "Nothing: the handshake is a full one, which checks the certificate anew.") \
    ETLS_ADVICE(SESSION_EXPIRED, "Servers say how long a session is good; seven days at most.", "Nothing: the handshake is a full one.") \
    ETLS_ADVICE(BAD_BUNDLE, "The file of trusted roots was cut off or changed on its way to the board, or is of another version.", "Make it again with `espruino-tls ca bundle` of this version, and upload it as binary data.") \
    /* Protocol */                                                                                \
    ETLS_ADVICE(NOT_TLS, "The port speaks something else: plain HTTP, SMTP before STARTTLS, a proxy's error page.", "Check the port: HTTPS is 443, MQTT over TLS is 8883.") \
    ETLS_ADVICE(RECORD_TOO_LARGE, "The peer breaks the protocol, or it is none.", "Check the port; otherwise the server is at fault.") \
    ETLS_ADVICE(BAD_RECORD_MAC, "Bytes were changed, lost or doubled between the two ends: an unreliable modem or UART, rarely an attack.", "Check the transport: flow control, buffer sizes, baud rate.") \
    ETLS_ADVICE(UNEXPECTED_MESSAGE, "The peer breaks the protocol, or two connections were mixed up on one transport.", "Use one transport for one connection.") \
    ETLS_ADVICE(DECODE_ERROR, "The peer breaks the protocol, or bytes were lost on the way.", "Check the transport.") \
    ETLS_ADVICE(ILLEGAL_PARAMETER, "The peer breaks the protocol.", "Report it to whoever runs the server.") \
    ETLS_ADVICE(HANDSHAKE_FAILURE, "The server has no AEAD cipher with forward secrecy, or no P-256, P-384 or X25519: software of before 2013.", "Bring the server up to date. Old suites are left out on purpose.") \
    ETLS_ADVICE(PROTOCOL_VERSION, "The server knows TLS 1.0 or 1.1 only, or `minVersion` is above what it has.", "Bring the server up to date, or lower `minVersion`.") \
    ETLS_ADVICE(NO_APPLICATION_PROTOCOL, "None of `ALPNProtocols` is known to the peer.", "Check the names; leave the option out if the server does not need it.") \
    ETLS_ADVICE(BAD_SIGNATURE, "The server has a certificate but not its key, or somebody changed the handshake.", "Do not go on: this is what an attack looks like.") \
    ETLS_ADVICE(DECRYPT_ERROR, "The two ends saw different handshakes: somebody changed it.", "Do not go on: this is what an attack looks like.") \
    ETLS_ADVICE(TRUNCATED, "The network or the server cut the connection; it may hide that data is missing.", "Data that came before is good but may be incomplete. Ask again.") \
    ETLS_ADVICE(CONNECTION_CLOSED, "The server hung up: too busy, not TLS, or it did not like the hello.", "Try `espruino-tls get -v`; compare with `openssl s_client -connect`.") \
    ETLS_ADVICE(UNSUPPORTED_EXTENSION, "The peer breaks the protocol.", "Report it to whoever runs the server.") \
    ETLS_ADVICE(MISSING_EXTENSION, "The peer breaks the protocol.", "Report it to whoever runs the server.") \
    ETLS_ADVICE(COUNTER_WRAP, "The connection has carried as many records as its keys allow.", "Open a new connection.") \
    ETLS_ADVICE(UNRECOGNIZED_NAME, "The server has no site of that name.", "Check `servername`.") \
    ETLS_ADVICE(RENEGOTIATION, "An old way to ask for a client certificate in the middle of a connection.", "Let the server ask in the first handshake.") \
    /* Certificates of the peer */                                                                \
    ETLS_ADVICE(CERT_EXPIRED, "Nobody renewed the certificate, or the clock of this end is ahead; both times are in the message.", "If the clock is right, the server needs a new certificate. If the certificate named is a root or an intermediate, load the newer root: `espruino-tls ca fetch HOST`.") \
    ETLS_ADVICE(CERT_NOT_YET_VALID, "The clock of this end is behind; both times are in the message.", "Set the clock: `require(\"sntp\").sync(…)`.") \
    ETLS_ADVICE(CERT_NAME_MISMATCH, "The server is another one than you asked for, or its certificate does not list that name. A wildcard stands for one label; addresses need an entry of their own.", "Ask for one of the names in the message (`servername`), or get a certificate with the right name.") \
    ETLS_ADVICE(CERT_NO_SAN, "An old certificate with nothing but a common name, which browsers refuse as well.", "Make a new one with `subjectAltName`: `openssl req -addext subjectAltName=DNS:host …`.") \
    ETLS_ADVICE(CERT_UNKNOWN_ISSUER, "The chain leads to a root that is not in `ca`: a private CA, a root that was replaced, a bundle that is too small, or a man in the middle.", "`espruino-tls ca fetch HOST` shows the chain and writes the root to load.") \
    ETLS_ADVICE(CERT_SELF_SIGNED, "The server made its certificate itself.", "If it is yours, compare the fingerprint and load exactly this certificate as `ca`.") \
    ETLS_ADVICE(CERT_MISSING_INTERMEDIATE, "The server is set up wrong: it sends its own certificate alone. Browsers hide that, since they fetch what is missing.", "Let the server send its `fullchain.pem`; until then load the intermediate as `ca`.") \
    ETLS_ADVICE(CERT_KEY_USAGE, "The certificate was made for something else.", "The server needs a certificate with `digitalSignature`; a CA one with `keyCertSign`.") \
    ETLS_ADVICE(CERT_EXT_KEY_USAGE, "A client's certificate on a server, or the other way round.", "Servers need `serverAuth`, clients `clientAuth`.") \
    ETLS_ADVICE(CERT_WEAK_KEY, "RSA below 2,048 bits, or a curve other than P-256 and P-384.", "The server needs a new certificate.") \
    ETLS_ADVICE(CERT_SHA1, "An old certificate; SHA-1 can be forged since 2017.", "The server needs a new certificate.") \
    ETLS_ADVICE(CERT_MD5, "A very old certificate; MD5 can be forged since 2008.", "The server needs a new certificate.") \
    ETLS_ADVICE(CERT_SIGNATURE_ALGORITHM, "A signature that this build does not know, such as Ed25519 or RSA-PSS with odd parameters.", "Use SHA-256, SHA-384 or SHA-512 with RSA or ECDSA.") \
    ETLS_ADVICE(CERT_CA_AS_LEAF, "A CA certificate used as a server's own, as quick tutorials make them: whoever has its key can sign for every other name.", "Make a server certificate; or load exactly this one as `ca` if you trust it.") \
    ETLS_ADVICE(CERT_MALFORMED, "Damaged, not DER, or with a critical extension that this build does not know.", "Look at it with `openssl x509 -text`; the server needs a new one.") \
    ETLS_ADVICE(CERT_CHAIN_TOO_LONG, "The server sends more certificates than any chain needs.", "Let it send leaf and intermediates only.") \
    ETLS_ADVICE(CERT_MISSING, "A client without certificate where one is required.", "Give `cert` and `key` to the client.") \
    ETLS_ADVICE(CERT_NOT_CA, "A certificate that is no authority's has signed another one; anybody who has a server certificate could do that.", "Sign server certificates with a CA certificate: `basicConstraints = critical, CA:TRUE`.") \
    ETLS_ADVICE(CERT_PATH_LENGTH, "An authority may pass its power on over so many steps only (pathLenConstraint), and this chain has more.", "The server needs a certificate from an authority that may issue it.") \
    ETLS_ADVICE(CERT_NAME_CONSTRAINTS, "An authority of the chain is limited to other names or addresses, or has constraints of a kind that cannot be checked.", "The server needs a certificate from an authority that may issue for its name.") \
    ETLS_ADVICE(CERT_COMMON_NAME, "The subject names one host, the subjectAltName others; the Baseline Requirements of the CA/Browser Forum (7.1.4.3) want the first among the second.", "Make the certificate anew with all its names in the subjectAltName, or with a common name that is no host name.") \
    ETLS_ADVICE(CERT_PROFILE, "The named extension is missing, repeated, malformed, or critical where it must not be (or the other way round). Often `authorityKeyIdentifier` (2.5.29.35) is missing in certificates of one's own making.", "Make it anew; for OpenSSL, an extension file with `authorityKeyIdentifier = keyid` and, for a CA, `subjectKeyIdentifier = hash` and `basicConstraints = critical, CA:TRUE`.") \
    ETLS_ADVICE(CERT_PIN_MISMATCH, "The server has changed its key, or somebody stands in between whose certificate is good otherwise.", "Ask who runs the server. To survive changes of keys, pin the next one too, or an authority by `ca`.") \
    ETLS_ADVICE(CERT_REJECTED, "A rare reason, named in brackets.", "Look at the certificate with `openssl x509 -text`.") \
    /* Transport and use */                                                                       \
    ETLS_ADVICE(CONNECT_FAILED, "The name does not resolve, nobody listens on the port, or the network is down.", "Check host, port and network.") \
    ETLS_ADVICE(TIMEOUT, "The server or the network is slow or silent; the message says in which phase.", "Try again later; raise `timeout` or `handshakeTimeout`.") \
    ETLS_ADVICE(TRANSPORT, "The TCP connection broke.", "Try again; check the network.") \
    ETLS_ADVICE(CLOSED, "A write to a socket that has ended.", "Listen to `close`; make a new connection.") \
    ETLS_ADVICE(CORE_FAILED, "WebAssembly is missing, or the image on the board does not fit the modules.", "Use Node 20.19 or later; install image and modules of the same version.") \
    /* HTTP and use, raised by the modules alone */                                               \
    ETLS_ADVICE(NOT_BYTES, "A string with characters above U+00FF was given as data.", "Encode text first, for example as UTF-8.") \
    ETLS_ADVICE(BAD_URL, "The URL is malformed, or two programs could read it differently.", "Look at the part that the message names.") \
    ETLS_ADVICE(HTTP_URL, "A URL of another scheme.", "Only `https:` is encrypted.") \
    ETLS_ADVICE(HTTP_PATH, "A path with spaces or control characters.", "Escape it: `encodeURI(path)`.") \
    ETLS_ADVICE(HTTP_METHOD, "A method that is no token.", "Use `GET`, `POST` and the like.") \
    ETLS_ADVICE(HTTP_HEADER, "A header field with characters that are not allowed, sent or received.", "Look at the field that the message names.") \
    ETLS_ADVICE(HTTP_LENGTH, "A Content-Length that is no number, contradicts another, or does not fit the body.", "Leave it out and let the module set it; a server that sends such a thing is at fault.") \
    ETLS_ADVICE(HTTP_SYNTAX, "The other end does not speak HTTP/1, or breaks its rules.", "Check the port; otherwise the server is at fault.") \
    ETLS_ADVICE(HTTP_UPGRADE, "The server switched to another protocol, which was not asked for.", "The server is at fault.") \
    ETLS_ADVICE(HTTP_NO_RESPONSE, "The server hung up before it answered, as it does with connections that were idle for long.", "Ask again.") \
    ETLS_ADVICE(HTTP_VERSION, "The answer is not HTTP/1.", "Check the port.") \
    ETLS_ADVICE(HTTP_STATUS, "A status that is not 100 to 999.", "Look at the number.") \
    ETLS_ADVICE(HTTP_CODING, "A transfer coding that is not known.", "Only `chunked` is.") \
    ETLS_ADVICE(HTTP_CHUNK, "A chunked body that breaks the rules.", "The server is at fault, or bytes were lost.") \
    ETLS_ADVICE(HTTP_TOO_LARGE, "Header lines of more than the module keeps.", "The server is at fault.") \
    ETLS_ADVICE(HTTP_SENT, "The header was sent already.", "Set fields before the first write.") \
    ETLS_ADVICE(HTTP_ABORTED, "The request was given up, by the program or because the connection ended.", "Ask again.") \
    ETLS_ADVICE(TOO_FEW_SAMPLES, "A file of samples that is empty or far too short to be assessed.", "Record 1,000,000 samples, one a byte; 10,000 are the least.") \
    ETLS_ADVICE(TOO_MANY_SAMPLES, "More samples than the estimators can hold in 1 GB.", "Cut the file to the number that the message names.") \
    ETLS_ADVICE(SAMPLE_RANGE, "A sample has more bits than `bits` says.", "Give the bits that the message names, or record one sample a byte.") \
    ETLS_ADVICE(CONSTANT_SAMPLES, "All samples are the same.", "The source gives no entropy: look whether it runs.") \
    ETLS_ADVICE(SNTP_ANSWER, "A time server that is not synchronized, does not serve this address, is asked too often, or an answer that was made up.", "Ask another server; give several as `host`.") \
    ETLS_ADVICE(USAGE, "A wrong command line.", "`espruino-tls COMMAND --help`.") \
    ETLS_ADVICE(MODEM, "A modem with ESP-AT firmware (tls-at) does not answer, refuses a command, or could not join a network. Where a connection fails by it, the code is ETLS_CONNECT_FAILED or ETLS_TRANSPORT with this message.", "The message says which: power, wiring, baud rate, password, name, or firmware older than ESP-AT 2.0.") \
    ETLS_ADVICE(BOARD, "A board does not answer, has no room, or is of a kind that there is no image for.", "The message says which; close other programs that use its port.")
/* clang-format on */

#endif
