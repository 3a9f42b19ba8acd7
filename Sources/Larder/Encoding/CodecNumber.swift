/// The numbers of the codecs that come with Larder; see ``CacheCodec/identifier``.
package enum CodecNumber {
    package static let bytes: UInt16 = 1
    package static let text: UInt16 = 2
    package static let json: UInt16 = 3
    package static let propertyList: UInt16 = 4
    package static let protobuf: UInt16 = 5
}
