/**
 * Models in a service, in process: {@link dev.fluxion.serving.Batcher} computes the requests of many callers in batches,
 * {@link dev.fluxion.serving.Models} replaces models under load. Depends on the dsl alone.
 */
@NullMarked
package dev.fluxion.serving;

import org.jspecify.annotations.NullMarked;
