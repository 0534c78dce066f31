package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.dsl.CallSite;

/**
 * A layer of this package. It may have a name, and its exceptions name it. A named layer opens a scope of that name
 * wherever it is called: as a part of another layer, where the name replaces the position, in a lambda, and as a
 * model.
 */
interface NamedLayer extends Layer {
    /** The name that replaces the layer's position in parameter names; empty if it has none. */
    String named();

    /** The file and line that made it. */
    CallSite callSite();
}
