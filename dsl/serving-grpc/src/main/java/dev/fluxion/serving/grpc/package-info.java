/** Models in a service, asked over gRPC with the Open Inference Protocol: {@link dev.fluxion.serving.grpc.GrpcServer}. */
@NullMarked
package dev.fluxion.serving.grpc;

import org.jspecify.annotations.NullMarked;
