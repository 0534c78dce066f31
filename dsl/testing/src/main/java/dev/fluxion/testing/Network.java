package dev.fluxion.testing;

import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.ir.Shape;

/**
 * A small network with the shape of an input that fits.
 *
 * @param layers the network
 * @param input the shape of its input, batch along the first axis
 */
public record Network(Seq layers, Shape input) {
    /** The network as a user would write it, and the shape. */
    @Override
    public String toString() {
        return layers + " for inputs " + input;
    }
}
