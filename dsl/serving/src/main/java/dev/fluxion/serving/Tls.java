package dev.fluxion.serving;

import dev.fluxion.ir.Given;
import java.nio.file.Path;

/**
 * What a server proves itself with: {@code new Tls(Path.of("chain.pem"), Path.of("key.pem"))}.
 *
 * @param certificates a file in PEM with the certificate of the server, and those that it rests on
 * @param key a file in PEM with the private key (PKCS#8, {@code BEGIN PRIVATE KEY}), not encrypted
 */
public record Tls(Path certificates, Path key) {
    /** Checks that both are there. */
    public Tls {
        Given.require("Tls", "the certificates", certificates);
        Given.require("Tls", "the key", key);
    }
}
