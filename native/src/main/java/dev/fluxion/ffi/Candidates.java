package dev.fluxion.ffi;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** Walks the implementations that oneDNN offers for an operation, best first by its own opinion, past refused ones. */
final class Candidates implements AutoCloseable {
    private final Operation operation;
    private final Recipe recipe;
    private final Optional<Geometry> geometry;
    private final Handles handles = new Handles();
    private final List<String> refused = new ArrayList<>();
    private final dnnl_primitive_desc descriptor;
    private boolean started;

    Candidates(Operation operation) {
        this.operation = operation;
        this.recipe = operation.recipe();
        this.geometry = Geometry.of(operation);
        try {
            this.descriptor = descriptor();
        } catch (RuntimeException | Error e) {
            handles.close();
            throw e;
        }
    }

    /**
     * {@code gemm:jit} points the stack pointer into the heap while it computes, so that a profiler's signal corrupts
     * memory (fixed in oneDNN 3.11.2); {@code ref} is for checking other implementations, not for work, and some wrap
     * it: {@code jit_uni_ncsp:conv+ref:any}, {@code gemm:ref}, which has loops in place of BLAS.
     */
    static boolean isAcceptable(String implementation) {
        String name = implementation.toLowerCase(Locale.ROOT);
        return !name.contains("gemm:jit")
                && Arrays.stream(name.split("[+:]")).noneMatch(part -> part.startsWith("ref"));
    }

    /** Moves to the next acceptable implementation; false when there is none. */
    boolean next() {
        while (!descriptor.isNull() && advance()) {
            String name = implementation();
            if (isAcceptable(name) && suits(name)) {
                return true;
            }
            refused.add(name);
        }
        return false;
    }

    /** Whether an implementation is made for what is asked of it. */
    private boolean suits(String name) {
        boolean copies = !(operation instanceof Reorder copy) || copy.suits(name);
        return copies && (geometry.isEmpty() || geometry.get().suits(name));
    }

    dnnl_primitive_desc current() {
        return descriptor;
    }

    String implementation() {
        return implementation(descriptor, handles);
    }

    Recipe recipe() {
        return recipe;
    }

    NoImplementationException exhausted() {
        return new NoImplementationException(
                Errors.noImplementation(Description.asked(recipe, operation.postOps()), refused), refused);
    }

    @Override
    public void close() {
        handles.close();
    }

    private static String implementation(dnnl_primitive_desc descriptor, Handles handles) {
        PointerPointer<Pointer> name = new PointerPointer<>(handles.zeroed(Long.BYTES));
        check(
                dnnl.dnnl_primitive_desc_query(descriptor, dnnl.dnnl_query_impl_info_str, 0, name),
                "query of an implementation");
        return new BytePointer(name.get()).getString();
    }

    private boolean advance() {
        if (!started) {
            started = true;
            return true;
        }
        return dnnl.dnnl_primitive_desc_next_impl(descriptor) == dnnl.dnnl_success;
    }

    /** Nothing is asked of the library about a geometry that it cannot count in. */
    private dnnl_primitive_desc descriptor() {
        if (geometry.isPresent() && !geometry.get().isCountable()) {
            return new dnnl_primitive_desc();
        }
        Recipe.Tools tools = new Recipe.Tools(handles, attributes(), forward());
        PointerPointer<Pointer> result = new PointerPointer<>(handles.zeroed(Long.BYTES));
        int status = recipe.maker().make(result, tools);
        if (status == dnnl.dnnl_unimplemented) {
            return new dnnl_primitive_desc();
        }
        if (status != dnnl.dnnl_success) {
            throw new NativeException(Errors.status(status, Description.asked(recipe, operation.postOps())));
        }
        return handles.own(new dnnl_primitive_desc(result.get()), dnnl::dnnl_primitive_desc_destroy);
    }

    private dnnl_primitive_desc forward() {
        Operation before = recipe.forward();
        if (before == null) {
            return new dnnl_primitive_desc();
        }
        Candidates forward = new Candidates(before);
        handles.own(new Pointer(), p -> forward.close());
        if (!forward.next()) {
            throw forward.exhausted();
        }
        return forward.current();
    }

    private dnnl_primitive_attr attributes() {
        dnnl_primitive_attr attributes = handles.create(
                new dnnl_primitive_attr(),
                dnnl::dnnl_primitive_attr_create,
                dnnl::dnnl_primitive_attr_destroy,
                "attributes");
        check(
                dnnl.dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl.dnnl_scratchpad_mode_user),
                "scratchpad mode");
        if (operation.postOps().steps().isEmpty()) {
            return attributes;
        }
        dnnl_post_ops chain = handles.create(
                new dnnl_post_ops(), dnnl::dnnl_post_ops_create, dnnl::dnnl_post_ops_destroy, "post-ops");
        for (PostOps.Step step : operation.postOps().steps()) {
            check(append(chain, step), step.toString());
        }
        check(dnnl.dnnl_primitive_attr_set_post_ops(attributes, chain), "post-ops");
        return attributes;
    }

    private int append(dnnl_post_ops chain, PostOps.Step step) {
        if (step instanceof PostOps.Apply apply) {
            return dnnl.dnnl_post_ops_append_eltwise(chain, apply.function().code(), apply.alpha(), apply.beta());
        }
        if (step instanceof PostOps.Combine combine) {
            return dnnl.dnnl_post_ops_append_binary(
                    chain, combine.function().code(), handles.descriptor(combine.operand()));
        }
        PostOps.Accumulate sum = (PostOps.Accumulate) step;
        return dnnl.dnnl_post_ops_append_sum(chain, sum.scale(), 0, 0);
    }

    private static void check(int status, String what) {
        if (status != dnnl.dnnl_success) {
            throw new NativeException(Errors.status(status, what));
        }
    }
}
