package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.dsl.CallSite;

/**
 * A layer of this package: it may have a name of its own, and it tells its misfits itself. The name is that of a scope which
 * the layer opens wherever it is applied: in place of its position as a part of another layer, in a lambda, and as a model.
 */
interface NamedLayer extends Layer {
    /** The name that replaces the layer's position in parameter names; empty if it has none. */
    String named();

    /** Where it was written. */
    CallSite callSite();
}
