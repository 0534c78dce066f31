package dev.fluxion.dsl;

import dev.fluxion.Layer;

/** A layer of this package: it may have a name of its own, and it tells its misfits itself. */
interface Named extends Layer {
    /** The name that replaces the layer's position in parameter names; empty if it has none. */
    String named();
}
