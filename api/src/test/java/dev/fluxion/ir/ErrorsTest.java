package dev.fluxion.ir;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a misfit says. */
class ErrorsTest {
    private static final Expr X = Expr.input("x", Shape.of(2, 3));
    private static final Expr IMAGE = Expr.input("image", Shape.of(1, 3, 5, 5));
    private static final Expr INDEX = Expr.input("index", Shape.of(2, 1), DType.INT);

    private static Expr input(int... dims) {
        return Expr.input("y", Shape.of(dims));
    }

    private static Arguments row(String message, Executable misfit) {
        return arguments(message, misfit);
    }

    static Stream<Arguments> messages() {
        Size one = Size.of(1);
        return Stream.of(
                row(
                        "shapes 2×3 and 2 do not broadcast: aligned from the last axis, extents must agree or be 1",
                        () -> X.add(input(2))),
                row(
                        "shapes 2×3 and 3 do not broadcast: aligned from the last axis, extents must agree or be 1",
                        () -> new Expr(new Movement.Broadcast(Shape.of(3)), List.of(X))),
                row(
                        "add needs operands of equal shape but got 2×3 and 3",
                        () -> new Expr(new Elementwise.Binary(BinaryFn.ADD), List.of(X, input(3)))),
                row("eq needs operands of one element type but got FLOAT and INT", () -> X.eq(INDEX)),
                row("add needs operands of one element type but got FLOAT and INT", () -> X.add(INDEX)),
                row(
                        "clamp: the lower bound must be at most the upper one but they are 1.0 and 0.5",
                        () -> X.clamp(1, 0.5)),
                row("max[0] of 0×3: there is no largest element of none", () -> input(0, 3)
                        .maxOver(0)),
                row("where needs operands of one element type but got FLOAT and INT", () -> X.where(X, INDEX)),
                row(
                        "layerNorm needs a weight of the shape of the last axes of 2×3 but got 2",
                        () -> X.layerNorm(input(2), input(2), 1e-5)),
                row(
                        "layerNorm needs a weight of the shape of the last axes of 2×3 but got scalar",
                        () -> X.layerNorm(Expr.constant(1), Expr.constant(0), 1e-5)),
                row(
                        "layerNorm needs a weight of the shape of the last axes of 2×3 but got 4×2×3",
                        () -> X.layerNorm(input(4, 2, 3), input(4, 2, 3), 1e-5)),
                row("layerNorm: expected shape 3 but got 2×3", () -> X.layerNorm(input(3), input(2, 3), 1e-5)),
                row(
                        "groupNorm needs channels, axis 1, that divide into 2 groups but got 2×3",
                        () -> X.groupNorm(2, input(3), input(3), 1e-5)),
                row("groupNorm: expected shape 3 but got 2", () -> X.groupNorm(3, input(3), input(2), 1e-5)),
                row("input(x) : 2×3 has one result, but not result 1", () -> X.result(1)),
                row("layerNorm : 2×3 has 3 results, but not result 3", () -> X.layerNorm(input(3), input(3), 1e-5)
                        .result(3)),
                row("layerNorm : 2×3 has 3 results, but not result -1", () -> X.layerNorm(input(3), input(3), 1e-5)
                        .result(-1)),
                row(
                        "pow needs floating-point operands but got integers 2×1; convert them with toFloat()",
                        () -> INDEX.pow(INDEX)),
                row(
                        "exp needs floating-point operands but got integers 2×1; convert them with toFloat()",
                        () -> INDEX.exp()),
                row("integers cannot be combined with 0.5; convert them with toFloat()", () -> INDEX.gt(0.5)),
                row("cannot reshape 2×3 (6 elements) to 4 (4)", () -> X.reshape(4)),
                row(
                        "cannot reshape 2×3 (6 elements) to [4, -1]: the open extent -1 would not be whole",
                        () -> X.reshape(4, -1)),
                row(
                        "cannot reshape 2×3 (6 elements) to [-1, -1]: the open extent -1 would not be whole",
                        () -> X.reshape(-1, -1)),
                row(
                        "cannot reshape 2×3 (6 elements) to [0, -1]: the open extent -1 would not be whole",
                        () -> X.reshape(0, -1)),
                row("axis 2 is outside [-2, 2) for shape 2×3", () -> X.sum(2)),
                row("transpose order [0, 0] is not a permutation of the axes of 2×3", () -> X.transpose(0, 0)),
                row("transpose order [1] is not a permutation of the axes of 2×3", () -> X.transpose(1)),
                row(
                        "transpose order [0, 2] is not a permutation of the axes of 2×3",
                        () -> new Expr(new Movement.Transpose(List.of(0, 2)), List.of(X))),
                row("slice 1..4 along axis 1 is outside shape 2×3", () -> X.slice(1, 1, 4)),
                row("padding must not be negative but is -1, 0 along axis 0", () -> X.pad(0, -1, 0, 0)),
                row("concat needs at least one part", () -> Expr.concat(0, List.of())),
                row(
                        "concat along axis 0 needs parts that agree in type and in the other extents, but got 2×3 and 2×2",
                        () -> Expr.concat(0, List.of(X, input(2, 2)))),
                row("gather[1] needs an integer index but got FLOAT", () -> X.gather(1, X)),
                row(
                        "gather[0]: the index must have the rank and, except along axis 0, the extents of 2×3, but is 2×1",
                        () -> X.gather(0, INDEX)),
                row("matmul needs M×K and K×N with equal batch axes but got 2×3 and 2×3", () -> X.matmul(X)),
                row("matmul needs M×K and K×N with equal batch axes but got 2×3 and 3", () -> X.matmul(input(3))),
                row(
                        "conv needs images N×C×H×W and weights O×C×KH×KW but got 2×3 and 1×1×1×1",
                        () -> X.conv(input(1, 1, 1, 1), ConvSpec.of())),
                row(
                        "expected 4 input channels but got 3 (input 1×3×5×5)",
                        () -> IMAGE.conv(input(2, 4, 1, 1), ConvSpec.of())),
                row(
                        "the number of output channels must be a multiple of groups 3 but is 4",
                        () -> IMAGE.conv(input(4, 1, 1, 1), new ConvSpec(one, Size.of(0), one, 3))),
                row(
                        "conv: kernel 6 does not fit into images of height 5 and width 5 padded by 0",
                        () -> IMAGE.conv(input(2, 3, 6, 6), ConvSpec.of())),
                row(
                        "conv dilation 3: kernel 3×1 with dilation 3 does not fit into images of height 5 and width 5"
                                + " padded by 0",
                        () -> IMAGE.conv(input(2, 3, 3, 1), new ConvSpec(one, Size.of(0), Size.of(3), 1))),
                row(
                        "conv pad 2147483647 needs padded images of at most 2147483647 rows and columns but got"
                                + " 4294967299×4294967299 (input 1×3×5×5 padded by 2147483647)",
                        () -> IMAGE.conv(input(2, 3, 1, 1), new ConvSpec(one, Size.of(Integer.MAX_VALUE), one, 1))),
                row(
                        "pad[0:2147483647,0] needs an extent of at most 2147483647 but would make one of 2147483649 of shape 2×3",
                        () -> X.pad(0, Integer.MAX_VALUE, 0, 0)),
                row(
                        "a convolution needs stride, dilation and groups ≥ 1 and pad ≥ 0 but got stride 0, dilation 1,"
                                + " groups 1, pad 0",
                        () -> new ConvSpec(Size.of(0), Size.of(0), one, 1)),
                row(
                        "a pooling needs kernel and stride ≥ 1 and 0 ≤ pad ≤ kernel/2 but got kernel 2, stride 2, pad 2",
                        () -> new PoolSpec(Size.of(2), Size.of(2), Size.of(2))),
                row("maxPool 2 needs images N×C×H×W but got 2×3", () -> X.maxPool(PoolSpec.of(Size.of(2)))),
                row(
                        "maxPool 6: kernel 6 does not fit into images of height 5 and width 5 padded by 0",
                        () -> IMAGE.maxPool(PoolSpec.of(Size.of(6)))),
                row(
                        "avgPoolGrad 5: expected shape 1×3×1×1 but got 2×3",
                        () -> new Expr(new Pooling.AvgPoolGrad(PoolSpec.of(Size.of(5)), IMAGE.shape()), List.of(X))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("messages")
    void message(String message, Executable misfit) {
        assertThatThrownBy(misfit::execute).isInstanceOf(ShapeException.class).hasMessage(message);
    }
}
