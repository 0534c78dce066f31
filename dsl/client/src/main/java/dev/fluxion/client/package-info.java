/** Asks models that a server offers: {@code Client.of(uri).infer("digits", Map.of("input", Values.of(pixels, 1, 784)))}. */
@NullMarked
package dev.fluxion.client;

import org.jspecify.annotations.NullMarked;
