package dev.fluxion.ffi;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/** How an {@link Operation} becomes a native primitive descriptor. */
final class Recipe {
    /** Calls the library, which puts the new descriptor into {@code result}; gives the status. */
    interface Maker {
        int make(PointerPointer<Pointer> result, Tools with);
    }

    /** What a maker works with. The descriptors it asks for live as long as the handles. */
    record Tools(Handles handles, dnnl_primitive_attr attributes, dnnl_primitive_desc forward) {
        dnnl_memory_desc descriptor(@Nullable Layout layout) {
            return layout == null ? new dnnl_memory_desc() : handles.descriptor(layout);
        }
    }

    private final String what;
    private final Maker maker;
    private final Map<Arg, Layout> layouts = new LinkedHashMap<>();
    private @Nullable Operation forward;

    Recipe(String what, Maker maker) {
        this.what = what;
        this.maker = maker;
    }

    Recipe arg(Arg arg, @Nullable Layout layout) {
        if (layout != null) {
            layouts.put(arg, layout);
        }
        return this;
    }

    /** The forward operation whose descriptor the library wants to see first. */
    Recipe after(Operation operation) {
        forward = operation;
        return this;
    }

    String what() {
        return what;
    }

    Maker maker() {
        return maker;
    }

    /** The arguments with the layouts that were asked for, in the order in which messages name them. */
    Map<Arg, Layout> layouts() {
        return layouts;
    }

    @Nullable
    Operation forward() {
        return forward;
    }
}
