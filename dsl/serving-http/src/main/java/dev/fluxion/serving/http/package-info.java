/** Models over HTTP, with the Open Inference Protocol: {@code Server.of(models).port(8000).start()}. */
@NullMarked
package dev.fluxion.serving.http;

import org.jspecify.annotations.NullMarked;
