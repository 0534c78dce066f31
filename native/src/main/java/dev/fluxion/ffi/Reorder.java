package dev.fluxion.ffi;

import java.util.Objects;
import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;

/**
 * Copies a tensor into another layout.
 *
 * <p>Arguments: {@code SOURCE, DESTINATION}.
 *
 * @param source the layout it has
 * @param destination the layout it shall have
 * @param postOps {@link PostOps#sum} to add to what is there, or nothing
 */
public record Reorder(Layout source, Layout destination, PostOps postOps) implements Operation {

    /** A plain copy. */
    public static Reorder of(Layout source, Layout destination) {
        return new Reorder(source, destination, PostOps.NONE);
    }

    /** The same copy with these post-ops. */
    public Reorder postOps(PostOps postOps) {
        return new Reorder(source, destination, postOps);
    }

    /**
     * Whether a kernel is made for it. Those that know blocks take several images for neighbours where both layouts have gaps between
     * them, and read and write the gaps; the general one does not.
     */
    boolean suits(String implementation) {
        boolean gaps = !source.isDense() && !destination.isDense();
        boolean blocks = source.isBlocked() || destination.isBlocked();
        return !(gaps && blocks) || implementation.startsWith("jit:uni");
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Reorder that
                && source.equals(that.source)
                && destination.equals(that.destination)
                && postOps.equals(that.postOps);
    }

    @Override
    public int hashCode() {
        return Objects.hash(source, destination, postOps);
    }

    @Override
    public Recipe recipe() {
        return new Recipe(
                        "reorder",
                        (pd, with) -> dnnl.dnnl_reorder_primitive_desc_create(
                                pd,
                                with.descriptor(source),
                                NativeLibrary.engine(),
                                with.descriptor(destination),
                                NativeLibrary.engine(),
                                with.attributes()))
                .arg(Arg.SOURCE, source)
                .arg(Arg.DESTINATION, destination);
    }
}
