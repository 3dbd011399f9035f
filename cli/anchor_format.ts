// SPDX-License-Identifier: Apache-2.0
/**
 * A certificate in the form that a program takes.
 *
 * @module
 */
import { day } from "./certificate.ts";
import type { Certificate } from "./certificate.ts";

/** Whom a program connects to, for its example. */
export interface Target {
    host: string;
    port: number;
}

/** A name that programs can use: `isrg_root_x1`. */
const identifier = function (certificate: Certificate): string {
    const text = certificate.name.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_|_$/g, "");
    return /^[a-z]/.test(text) ? text : `ca_${text}`;
};

const lines = function (text: string, width: number): string[] {
    return text.match(new RegExp(`.{1,${width}}`, "g")) ?? [];
};

const base64 = function (certificate: Certificate): string {
    return certificate.der.toString("base64");
};

const pem = function (certificate: Certificate): string {
    return ["-----BEGIN CERTIFICATE-----", ...lines(base64(certificate), 64), "-----END CERTIFICATE-----", ""].join("\n");
};

/** One line about it, without what would end a comment. */
const about = function (certificate: Certificate): string {
    const name = certificate.name.replace(/[^ -~]|\*\//g, "?");
    return `${name}, ${certificate.key}, until ${day(certificate.until)}, SHA-256 ${certificate.fingerprint}`;
};

const cArray = function (certificate: Certificate): string {
    const name = identifier(certificate);
    const bytes = [...certificate.der].map((byte) => `0x${byte.toString(16).padStart(2, "0")},`);
    const rows = lines(bytes.join(" ").replaceAll(" ", ""), 75).map((row) => `    ${row.replaceAll(",", ", ").trimEnd()}`);
    return `/* ${about(certificate)} */\nstatic const unsigned char ${name}_der[${bytes.length}] = {\n${rows.join("\n")}\n};\n`;
};

const espruino = function (certificate: Certificate, { host, port }: Target): string {
    const text = lines(base64(certificate), 80).map((line) => `  "${line}"`).join(" +\n");
    return (
        `// ${about(certificate)}\n` +
        `var ca = atob(\n${text});\n\n` +
        `require("tls").connect({ host: ${JSON.stringify(host)}, port: ${port}, ca: ca }, function (socket) {\n` +
        '  print("connected");\n}).on("error", function (e) { print(e.code, e.message); });\n'
    );
};

const micropython = function (certificate: Certificate, { host, port }: Target): string {
    const text = lines(base64(certificate), 76).map((line) => `    b"${line}"`).join("\n");
    return (
        `# ${about(certificate)}\n# Set the clock first (import ntptime; ntptime.settime()): dates are checked.\n` +
        "import binascii, socket, ssl\n\n" +
        `ca = binascii.a2b_base64(\n${text}\n)\n\n` +
        "context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies, ssl.wrap_socket does not\n" +
        "context.load_verify_locations(ca)\n" +
        "s = socket.socket()\n" +
        `s.connect(socket.getaddrinfo(${JSON.stringify(host)}, ${port})[0][-1])\n` +
        `s = context.wrap_socket(s, server_hostname=${JSON.stringify(host)})\n`
    );
};

const circuitpython = function (certificate: Certificate, { host, port }: Target): string {
    return (
        `# ${about(certificate)}\nimport ssl, socketpool, wifi\n\n` +
        `ca = """\\\n${pem(certificate)}"""\n\n` +
        "context = ssl.create_default_context()\n" +
        "context.load_verify_locations(cadata=ca)  # in place of the built-in roots\n" +
        "s = socketpool.SocketPool(wifi.radio).socket()\n" +
        `s = context.wrap_socket(s, server_hostname=${JSON.stringify(host)})\n` +
        `s.connect((${JSON.stringify(host)}, ${port}))\n`
    );
};

/** The forms by name, with what each is. */
export const FORMATS: { [name: string]: [meaning: string, write: (certificate: Certificate, target: Target) => string | Buffer] | undefined } = {
    pem: ["PEM, for almost everything", pem],
    der: ["DER, binary: for Storage, flash and E.memoryArea", (certificate) => certificate.der],
    base64: ["Base64 on one line, for atob", (certificate) => `${base64(certificate)}\n`],
    c: ["A C array of DER", cArray],
    espruino: ["A JavaScript program for Espruino", espruino],
    micropython: ["A Python program for MicroPython", micropython],
    circuitpython: ["A Python program for CircuitPython", circuitpython],
};
