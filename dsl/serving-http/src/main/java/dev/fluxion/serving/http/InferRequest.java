package dev.fluxion.serving.http;

import dev.fluxion.Tensors;

/**
 * What a client asks of a model.
 *
 * @param form what its JSON says
 * @param inputs the inputs by name
 */
record InferRequest(Form form, Tensors inputs) {}
