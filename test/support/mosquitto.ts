// SPDX-License-Identifier: Apache-2.0
/**
 * mosquitto as a broker behind TLS, with a folder of its own.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { peerEnvironment, start, startOnFreePort } from "./processes.ts";
import type { Server, ServerOptions } from "./servers.ts";

/** How the broker is started. */
export interface BrokerOptions extends Omit<ServerOptions, "version"> {
    /** Name and password that every client has to give; none unless told. */
    login?: readonly [user: string, password: string] | undefined;
}

/** A folder and a configuration of its own, and mosquitto with it. */
async function startBroker(configure: (folder: string) => string[]): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), "etls-mqtt-"));
    chmodSync(folder, 0o755); // under root it gives its rights up
    const remove = (): void => rmSync(folder, { recursive: true, force: true });
    try {
        const more = configure(folder);
        const broker = await startOnFreePort((port) => {
            const lines = [
                `listener ${port} 127.0.0.1`,
                ...more,
                "persistence false",
                "log_type all",
                // Otherwise it reads the key as user "mosquitto", who must not.
                ...(process.getuid?.() === 0 ? ["user root"] : []),
            ];
            const config = join(folder, "mosquitto.conf");
            writeFileSync(config, `${lines.join("\n")}\n`);
            return start("mosquitto", ["-c", config], /mosquitto version \S+ running/);
        });
        return { port: broker.port, output: broker.output, close: () => broker.close().then(remove) };
    } catch (error) {
        remove();
        throw error;
    }
}

/** Starts mosquitto; `clientRootFile` makes it insist on a client certificate. */
export function mosquitto({ identity, clientRootFile, login }: BrokerOptions): Promise<Server> {
    return startBroker((folder) => {
        const passwords = join(folder, "passwords");
        if (login) {
            execFileSync("mosquitto_passwd", ["-b", "-c", passwords, ...login], { env: peerEnvironment });
            chmodSync(passwords, 0o644);
        }
        return [
            `certfile ${identity.chainFile}`,
            `keyfile ${identity.keyFile}`,
            ...(clientRootFile ? [`cafile ${clientRootFile}`, "require_certificate true"] : []),
            ...(login ? [`password_file ${passwords}`] : []),
            `allow_anonymous ${login ? "false" : "true"}`,
        ];
    });
}

/** Starts mosquitto without TLS, for a server in front of it. */
export function plainMosquitto(): Promise<Server> {
    return startBroker(() => ["allow_anonymous true"]);
}
