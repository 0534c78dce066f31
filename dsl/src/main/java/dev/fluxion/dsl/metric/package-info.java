/**
 * What metrics are made of; {@code Metrics} makes them. Counts are whole numbers, sums are exact, and scores are kept until
 * they are sorted, so that no division into batches changes a value. Depends on the contracts and on {@code dsl.internal}.
 */
@NullMarked
package dev.fluxion.dsl.metric;

import org.jspecify.annotations.NullMarked;
