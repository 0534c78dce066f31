package dev.fluxion.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CallTest {
    @BeforeAll
    static void oneThread() {
        Threads.current(1);
    }

    private static final Convolution CONVOLUTION =
            Convolution.of(Layout.any(1, 8, 6, 6), Layout.any(8, 8, 3, 3), Layout.any(1, 8, 4, 4), Window.of(3, 3));
    private static final Eltwise RELU = Eltwise.of(Eltwise.Function.RELU, 0, 0, Layout.plain(8));

    interface Binding {
        Call bind(Memory memory);
    }

    static Stream<Binding> bindings() {
        return Stream.of(
                memory -> Gemm.of(2, 3, 4).bind(memory.slice(), memory.slice(), memory.slice()),
                memory -> Gemm.of(2, 3, 0).bind(memory.slice(), memory.slice(), memory.slice()),
                memory -> Blas.axpy(5, () -> 2, memory.slice(), memory.slice()),
                memory -> Blas.dot(5, memory.slice(), memory.slice(), memory.slice()),
                memory -> Primitive.of(RELU).bind(relu(memory)));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void runsWithoutAllocating(Binding binding) {
        try (Memory memory = Memory.allocate(4096);
                Call call = binding.bind(memory)) {
            assertThat(allocatedBy(call)).isZero();
        }
    }

    @Test
    void convolutionRunsWithoutAllocating() {
        try (Primitive primitive = Primitive.of(CONVOLUTION);
                Memory memory = Memory.allocate(1 << 20);
                Call call = primitive.bind(Tensors.slices(primitive, memory))) {
            assertThat(allocatedBy(call)).isZero();
        }
    }

    /** A primitive is compiled once, for the first call that needs it. */
    @Test
    void aReservedCallCompilesWhenItRuns() {
        try (Primitive primitive = Primitive.of(CONVOLUTION);
                Memory memory = Memory.allocate(1 << 20)) {
            long before = NativeLibrary.openHandles();
            try (Call call = primitive.reserve(Tensors.slices(primitive, memory), Map.of(), 1)) {
                long reserved = NativeLibrary.openHandles();
                call.run();
                assertThat(NativeLibrary.openHandles()).isEqualTo(reserved + 1);
                assertThat(allocatedBy(call)).isZero();
            }
            try (Call call = primitive.bind(Tensors.slices(primitive, memory))) {
                call.run();
            }
            assertThat(NativeLibrary.openHandles()).isEqualTo(before + 1);
        }
    }

    /** The second half of the memory takes what is computed of the first, four floats at a time. */
    @Test
    void repetitionsMoveOn() {
        try (Primitive primitive = Primitive.of(Eltwise.of(Eltwise.Function.RELU, 0, 0, Layout.plain(4)));
                Memory memory = Memory.allocate(128)) {
            FloatBuffer floats = memory.slice().floats();
            for (int i = 0; i < 16; i++) {
                floats.put(i, i - 5);
            }
            Map<Arg, Slice> slices = Map.of(Arg.SOURCE, memory.slice(0, 16), Arg.DESTINATION, memory.slice(64, 16));
            Map<Arg, Long> motions = Map.of(Arg.SOURCE, 16L, Arg.DESTINATION, 16L);
            try (Call call = primitive.bind(slices, motions, 4)) {
                for (int i : new int[] {3, 0, 2, 1}) {
                    call.at(i);
                    call.run();
                }
                for (int i = 0; i < 16; i++) {
                    assertThat(floats.get(16 + i)).isEqualTo(Math.max(0, i - 5));
                }
                assertThat(allocatedBy(call)).isZero();
            }
            assertThatThrownBy(() -> primitive.bind(slices, motions, 6)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    private static long allocatedBy(Call call) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long native0 = Pointer.totalCount();
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 3; attempt++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10_000; i++) {
                call.run();
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(Pointer.totalCount()).isEqualTo(native0);
        return least;
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void refusesToRunAfterAnythingWasClosed(Binding binding) {
        Memory memory = Memory.allocate(4096);
        Call call = binding.bind(memory);
        call.run();
        call.close();
        call.close();
        assertThatThrownBy(call::run).isInstanceOf(IllegalStateException.class);
        Call other = binding.bind(memory);
        memory.close();
        memory.close();
        assertThatThrownBy(other::run).isInstanceOf(IllegalStateException.class).hasMessageContaining("4096 bytes");
        assertThatThrownBy(() -> binding.bind(memory)).isInstanceOf(IllegalStateException.class);
        other.close();
    }

    @Test
    void primitiveOutlivedByItsCall() {
        try (Memory memory = Memory.allocate(4096)) {
            Primitive primitive = Primitive.of(RELU);
            Call call = primitive.bind(relu(memory));
            primitive.close();
            primitive.close();
            assertThatThrownBy(call::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("relu");
            assertThatThrownBy(() -> primitive.bind(relu(memory))).isInstanceOf(IllegalStateException.class);
            call.close();
        }
    }

    @Test
    void bindChecksNamesAndSizes() {
        try (Primitive primitive = Primitive.of(RELU);
                Memory memory = Memory.allocate(4096)) {
            Slice enough = memory.slice(0, 32);
            Slice less = memory.slice(0, 31);
            assertThatThrownBy(() -> primitive.bind(Map.of(Arg.SOURCE, enough)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("No slice was given for the destination");
            assertThatThrownBy(() -> primitive.bind(Map.of(Arg.SOURCE, less, Arg.DESTINATION, enough)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("has 31 bytes, but 8 f32 a takes 32");
            assertThatThrownBy(
                            () -> primitive.bind(Map.of(Arg.SOURCE, enough, Arg.DESTINATION, enough, Arg.BIAS, enough)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("There is no bias");
        }
    }

    @Test
    void scratchpadIsNotShared() {
        try (Primitive primitive = Primitive.of(CONVOLUTION);
                Memory memory = Memory.allocate(1 << 20)) {
            Map<Arg, Slice> slices = Tensors.slices(primitive, memory);
            slices.put(Arg.SCRATCHPAD, memory.slice());
            if (primitive.scratchpadBytes() > 0) {
                assertThatThrownBy(() -> primitive.bind(slices))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("shares bytes with the scratchpad");
            }
        }
    }

    @Test
    void closingFreesEverything() {
        long handles = NativeLibrary.openHandles();
        long bytes = Memory.openBytes();
        long pointers = Pointer.totalCount();
        for (int i = 0; i < 200; i++) {
            try (Primitive primitive = Primitive.of(CONVOLUTION);
                    Memory memory = Memory.allocate(1 << 20);
                    Call call = primitive.bind(Tensors.slices(primitive, memory))) {
                call.run();
            }
        }
        assertThat(NativeLibrary.openHandles()).isEqualTo(handles);
        assertThat(Memory.openBytes()).isEqualTo(bytes);
        assertThat(Pointer.totalCount()).isEqualTo(pointers);
    }

    @Test
    void failuresFreeEverythingAndSayWhatFailed() {
        long handles = NativeLibrary.openHandles();
        Operation broken = Binary.of(Binary.Function.ADD, Layout.plain(2, 3), Layout.plain(5, 7), Layout.plain(2, 3));
        assertThatThrownBy(() -> Primitive.of(broken))
                .isInstanceOf(NativeException.class)
                .hasMessageContaining("add: source 2x3 f32 ab, right 5x7 f32 ab");
        Convolution plain = Convolution.of(
                Layout.plain(1, 8, 6, 6), Layout.plain(8, 8, 3, 3), Layout.plain(1, 8, 4, 4), Window.of(3, 3));
        assertThat(Primitive.all(plain)).isEmpty();
        assertThatThrownBy(() -> Primitive.of(plain))
                .isInstanceOfSatisfying(NoImplementationException.class, e -> assertThat(e.refused())
                        .isNotEmpty())
                .hasMessageContaining("convolution inference kernel 3x3");
        assertThat(NativeLibrary.openHandles()).isEqualTo(handles);
    }

    @Test
    void aRivalIsTakenWhereItIsOffered() {
        Layout images = Layout.any(2, 32, 8, 8);
        Convolution convolution = Convolution.of(
                images, Layout.any(32, 32, 3, 3), images, Window.of(3, 3).padding(1, 1));
        List<String> names = new ArrayList<>();
        for (Primitive primitive : Primitive.all(convolution)) {
            names.add(primitive.implementation());
            primitive.close();
        }
        String last = names.get(names.size() - 1);
        try (Primitive rival = Primitive.of(convolution, first -> last);
                Primitive none = Primitive.of(convolution, first -> "no such kernel")) {
            assertThat(rival.implementation()).isEqualTo(last);
            assertThat(none.implementation()).isEqualTo(names.get(0));
        }
    }

    @Test
    void guard() {
        assertThat(List.of("jit:avx2", "brgconv:avx2", "brg_matmul:avx2", "simple_nchw:any"))
                .allMatch(Candidates::isAcceptable);
        assertThat(List.of("gemm:jit", "x64:gemm:jit", "gemm:ref", "ref:any", "ref_int8", "jit_uni_ncsp:conv+ref:any"))
                .noneMatch(Candidates::isAcceptable);
    }

    private static Map<Arg, Slice> relu(Memory memory) {
        return Map.of(Arg.SOURCE, memory.slice(0, 32), Arg.DESTINATION, memory.slice(64, 32));
    }
}
