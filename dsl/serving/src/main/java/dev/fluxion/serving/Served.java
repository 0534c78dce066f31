package dev.fluxion.serving;

import dev.fluxion.dsl.train.Signature;

/**
 * A version of a model that answers requests; see {@link Models#with}.
 *
 * @param name what the model is called
 * @param version its version
 * @param signature what it takes and what it makes of it
 * @param batching how its requests are put together
 * @param service who answers
 */
public record Served(String name, String version, Signature signature, Batching batching, Service service) {}
