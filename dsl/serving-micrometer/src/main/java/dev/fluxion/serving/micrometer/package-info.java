/** Micrometer meters of models in a service. */
@NullMarked
package dev.fluxion.serving.micrometer;

import org.jspecify.annotations.NullMarked;
