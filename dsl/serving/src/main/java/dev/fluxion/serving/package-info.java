/**
 * Models in a service, in process: {@link dev.fluxion.serving.Batcher} computes the requests of many callers in batches. Depends
 * on the dsl alone.
 */
@NullMarked
package dev.fluxion.serving;

import org.jspecify.annotations.NullMarked;
