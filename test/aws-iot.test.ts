// SPDX-License-Identifier: Apache-2.0
/**
 * MQTT as AWS IoT Core takes it on port 443 (its Developer Guide, "Device communication protocols"): TLS with a
 * client certificate, and the protocol named by ALPN, `x-amzn-mqtt-ca`. In front of a real mosquitto stands a
 * server of Node's TLS that demands both; OpenSSL's stands for another implementation.
 */
import assert from "node:assert/strict";
import * as net from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket as NodeSocket } from "node:tls";
import { MqttClient } from "mqtt";
import { afterEach, before, beforeEach, describe, it } from "mocha";
import type { ConnectOptions } from "../modules/tls.ts";
import type { TLSSocket } from "../modules/tls_socket.ts";
import { toDuplex } from "../wasm/node.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import { closeClean, converse, openCore } from "./support/core.ts";
import { plainMosquitto } from "./support/mosquitto.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import { skipWithout } from "./support/processes.ts";
import { nodeTlsServer, opensslServer } from "./support/servers.ts";
import type { Server, Version } from "./support/servers.ts";

const PROTOCOL = "x-amzn-mqtt-ca";

describe("MQTT as AWS IoT takes it: client certificate and ALPN on one port", function () {
    this.timeout(30_000);
    let pki: Pki;
    let core: EspruinoTls;
    let broker: Server;
    const servers: Server[] = [];
    let client: MqttClient | undefined;

    before(async function () {
        skipWithout(this, "mosquitto");
        pki = await cachedPki();
    });
    beforeEach(async () => {
        core = await openCore();
        broker = await plainMosquitto();
        servers.push(broker);
    });
    afterEach(async () => {
        await client?.endAsync(true);
        client = undefined;
        for (const server of servers.splice(0).reverse()) await server.close();
        await closeClean(core);
    });

    /** Takes a connection to the broker if it was agreed what it is for. */
    const accept = (socket: NodeSocket): void => {
        if (!socket.authorized || socket.alpnProtocol !== PROTOCOL) {
            socket.destroy();
            return;
        }
        const inner = net.connect({ host: "127.0.0.1", port: broker.port });
        inner.on("error", () => socket.destroy()).on("close", () => socket.destroy());
        socket.on("close", () => inner.destroy());
        inner.pipe(socket).pipe(inner);
    };
    const gateway = async (version: Version, clientRootFile: string): Promise<ConnectOptions> => {
        const server = await nodeTlsServer({
            identity: pki.rsa, version, clientRootFile, accept, tls: { ALPNProtocols: [PROTOCOL] },
        });
        servers.push(server);
        return { host: "localhost", port: server.port, ca: pki.rsa.rootPem };
    };

    for (const version of ["1.2", "1.3"] as const) {
        for (const kind of ["ec", "rsa"] as const) {
            it(`publishes and hears of it: ${kind.toUpperCase()} client certificate, TLS ${version}`, async () => {
                const { chainPem: cert, keyPem: key, rootFile } = pki.clients[kind];
                const to = await gateway(version, rootFile);
                let socket: TLSSocket | undefined;
                const build = (): Duplex => {
                    socket = core.tls.connect({ ...to, cert, key, ALPNProtocols: [PROTOCOL] });
                    return toDuplex(socket) as Duplex;
                };
                const made = new MqttClient(build, { reconnectPeriod: 0, clientId: "thing-1" });
                client = made;
                await new Promise((resolve, reject) => void made.once("connect", resolve).once("error", reject));
                assert.deepEqual([socket?.authorized, socket?.alpnProtocol], [true, PROTOCOL]);
                await made.subscribeAsync("things/1");
                const came = new Promise<string>((resolve) => made.once("message", (_, payload) => resolve(payload.toString())));
                made.publish("things/1", '{"state":{"reported":{"on":true}}}', { qos: 1 });
                assert.equal(await came, '{"state":{"reported":{"on":true}}}');
            });
        }

        it(`without ALPN, with another protocol, without or with another's certificate: refused, TLS ${version}`, async () => {
            const { ec, unknownIssuer } = pki.clients;
            const to = await gateway(version, ec.rootFile);
            const [own, others] = [ec, unknownIssuer].map(({ chainPem: cert, keyPem: key }) => ({ cert, key }));
            const ALPNProtocols = [PROTOCOL];
            // It closes at once, and an alert may be lost with what it has not read.
            const ended = /^ETLS_(ALERT_(HANDSHAKE_FAILURE|CERTIFICATE_REQUIRED|UNKNOWN_CA)|CONNECTION_CLOSED|TRUNCATED|TRANSPORT)$/;
            const tries: [ConnectOptions, RegExp][] = [
                [{ ...own, ALPNProtocols: ["mqtt"] }, /^ETLS_ALERT_NO_APPLICATION_PROTOCOL$/],
                [{ ALPNProtocols }, ended],
                [{ ...others, ALPNProtocols }, ended],
                [{ ...own }, ended],
            ];
            for (const [more, code] of tries) {
                const told = await converse(core, { ...to, ...more }, (socket) => void socket.write("\x10\0"));
                assert.match(told.error?.code ?? "none", code);
                assert.equal(told.data.length, 0);
            }
            assert.doesNotMatch(broker.output(), /New client connected/);
        });

        it(`OpenSSL agrees on the protocol too, TLS ${version}`, async () => {
            const { chainPem: cert, keyPem: key, rootFile } = pki.clients.ec;
            const args = ["-alpn", PROTOCOL];
            const server = await opensslServer({ identity: pki.ec, version, clientRootFile: rootFile, mode: "reverse", args });
            servers.push(server);
            const to = { host: "localhost", port: server.port, ca: pki.ec.rootPem, cert, key, ALPNProtocols: ["h2", PROTOCOL] };
            let agreed: string | false = false;
            const told = await converse(core, to, (socket) => {
                agreed = socket.alpnProtocol;
                socket.on("data", () => void socket.end());
                socket.write("olleh\n");
            });
            assert.deepEqual([told.error, agreed, told.data.toString()], [undefined, PROTOCOL, "hello\n"]);
        });
    }
});
